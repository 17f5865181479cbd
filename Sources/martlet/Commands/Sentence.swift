import Codec
import Domain
import Storage

/// Why a command failed, as a sentence for whoever ran it.
func sentence(_ error: any Error) -> String {
    switch error {
    case let error as DeskError: sentence(error)
    case MigrationFault.databaseIsNewer(let step):
        "The database is of a newer release of Martlet: it has the step \(step), which this one does not know. Start the newer release."
    case MigrationFault.outOfOrder(let step): "The database lacks the step \(step) although it has a later one; restore it from a backup."
    case MigrationFault.failed(let step, let fault): "The step \(step) failed and changed nothing: \(fault)"
    default: "\(error)"
    }
}

private func sentence(_ error: DeskError) -> String {
    switch error {
    case .notFound(let why), .unauthorized(let why), .forbidden(let why), .conflict(let why), .unprocessable(let why), .tooLarge(let why),
        .busy(let why):
        why
    case .invalid(let fields): fields.map { "\($0.location): \($0.message)" }.joined(separator: "; ")
    default: "\(error)"
    }
}
