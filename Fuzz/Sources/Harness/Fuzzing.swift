internal import CFuzzer
internal import Glibc

/// Hands the command line to libFuzzer, which calls `body` with one input after another and never comes back.
///
/// A harness says what must hold of an input with `check`. A trap, a failed check and a finding of the address sanitizer all
/// end the program, and libFuzzer keeps the input.
public func fuzz(_ body: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) -> Never {
    harness = body
    var count = CommandLine.argc
    var words = CommandLine.unsafeArgv
    let code = withUnsafeMutablePointer(to: &words) { words in
        words.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) { words in
            LLVMFuzzerRunDriver(&count, words) { data, size in
                harness(UnsafeRawBufferPointer(start: data, count: size))
                return 0
            }
        }
    }
    exit(code)
}

// A C function pointer captures nothing, so what it is to call must stand here. Set once, before libFuzzer starts, and libFuzzer
// calls from one thread.
nonisolated(unsafe) private var harness: @Sendable (UnsafeRawBufferPointer) -> Void = { _ in }

/// Ends the program when what must hold of an input does not.
public func check(_ holds: Bool, _ what: @autoclosure () -> String, file: StaticString = #file, line: UInt = #line) {
    if !holds { fatalError(what(), file: file, line: line) }
}
