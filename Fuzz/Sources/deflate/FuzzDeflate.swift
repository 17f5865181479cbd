import Codec
import HTTP
import Harness

/// Compressed messages from anybody: a bomb costs its bound, a fault is a fault, and what is deflated inflates to itself.
@main struct FuzzDeflate {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            let window = 9 + choices.number(below: 7)
            let keepsContext = choices.flag()
            if choices.flag() {
                inflatesAnything(choices, window, keepsContext)
            } else {
                inflatesWhatWasDeflated(choices, window, keepsContext)
            }
        }
    }

    private static func inflatesAnything(_ choices: Choices, _ window: Int, _ keepsContext: Bool) {
        var choices = choices
        let bound = choices.number(below: 20_000)
        var first = Inflater(window: window, keepsContext: keepsContext)
        var second = Inflater(window: window, keepsContext: keepsContext)
        while !choices.rest.isEmpty {
            let message = choices.bytes(choices.number(below: 1000) + 1)
            let result = inflate(message, by: &first, atMost: bound)
            check(inflate(message, by: &second, atMost: bound) == result, "two inflaters differ")
            guard case .success = result else { return }
        }
    }

    private static func inflatesWhatWasDeflated(_ choices: Choices, _ window: Int, _ keepsContext: Bool) {
        var choices = choices
        let level = choices.number(below: 10)
        let memory = choices.number(below: 9) + 1
        var deflater = Deflater(window: window, keepsContext: keepsContext, level: level, memory: memory)
        var inflater = Inflater(window: window, keepsContext: keepsContext)
        while !choices.rest.isEmpty {
            let times = Int(choices.byte() % 30)
            let words = Array(choices.bytes(choices.number(below: 600)))
            let message = (0...times).flatMap { _ in words }
            var compressed = ByteWriter()
            message.withUnsafeBytes { deflater.append($0, to: &compressed) }
            let result = compressed.withUnsafeBytes { inflate($0, by: &inflater, atMost: message.count) }
            check(result == .success(message), "\(message.count) bytes at window \(window), level \(level), memory \(memory): \(result)")
        }
    }

    private static func inflate(
        _ message: UnsafeRawBufferPointer, by inflater: inout Inflater, atMost bound: Int
    ) -> Result<[UInt8], InflateFault> {
        var out = ByteWriter()
        do throws(InflateFault) {
            try inflater.append(message, to: &out, atMost: bound)
        } catch {
            check(out.count <= bound + 1, "\(out.count) bytes written of \(bound)")
            return .failure(error)
        }
        check(out.count <= bound, "\(out.count) bytes written of \(bound)")
        return .success(out.array)
    }
}
