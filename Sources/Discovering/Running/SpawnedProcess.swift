internal import Core
internal import Foundation
internal import Glibc

/// A program in a process of its own, which leads a group of processes and hears every signal.
///
/// Foundation's `Process` hands down what the calling thread blocks. Threads of Dispatch's, and those that they start,
/// block nearly all signals, so a program started there would never hear SIGTERM.
///
/// It has nothing open but its input, which is empty, and its output. Whoever starts it has to call `waitUntilExit` and
/// then `reap`.
struct SpawnedProcess: Sendable {
    let id: pid_t

    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: name and value of each variable.
    ///   - output: a file descriptor that gets what the program says; stays open here.
    /// - Throws: `.unavailable` where the program does not start.
    init(
        program: String,
        arguments: [String],
        environment: [String: String],
        output: Int32,
    ) throws(SwitchboardError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        for descriptor in Self.openDescriptors where descriptor > STDERR_FILENO {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        var usual = sigset_t()
        sigfillset(&usual)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )

        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, program, &actions, &attributes, words, variables)
        guard code == 0 else {
            throw SwitchboardError(.unavailable, "\(program) does not start: \(String(cString: strerror(code)))")
        }
        self.id = id
    }

    /// One that was closed meanwhile does no harm: glibc goes on.
    private static var openDescriptors: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
    }

    /// Blocks until it has ended. Until `reap` its id belongs to nobody else.
    func waitUntilExit() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// - Returns: the exit status; of a program that was ended by a signal, 128 and the signal's number.
    func reap() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        // As the macros WTERMSIG and WEXITSTATUS, which Swift does not see.
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    /// Also to what the program has started itself in its group.
    func signal(_ number: Int32) {
        kill(-id, number)
    }
}
