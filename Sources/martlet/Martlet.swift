import Glibc

/// The program: reads its command line, does what it says, and ends with the code that says how it went.
@main
struct Martlet {
    static func main() {
        let code = Command.run(Array(CommandLine.arguments.dropFirst()))
        exit(code.rawValue)
    }
}
