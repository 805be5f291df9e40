/// How the node is started that the doctor has looked at: with the options that it was given itself.
///
/// What the environment says is not among them, and holds for the node as well. No option holds a secret.
struct StartAdvice: Equatable {
    private static let flagsOfDoctor: Set<String> = ["--measure", "--json", "--only-models"]

    /// As the doctor was started, the program's name first.
    let arguments: [String]

    /// A line for a shell.
    var command: String {
        var options = Array(arguments.dropFirst())
        if let place = options.firstIndex(of: "doctor") { options.remove(at: place) }
        return ShellCommand.line(["switchboard", "node"] + options.filter { !Self.flagsOfDoctor.contains($0) })
    }
}
