internal import Glibc
internal import Synchronization

/// A thread of our own for work that must not sit on Swift's cooperative pool: poll loops, compute, graph building.
///
/// Started by `init`; ends when its body returns. `join()` may be called once, from another thread.
package final class DedicatedThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// - Parameters:
    ///   - name: at most 15 bytes are shown by the system.
    ///   - stackBytes: 1 MiB unless said; C++ graph code recurses little, protobuf-c not at all.
    package init(
        name: String,
        stackBytes: Int = 1 << 20,
        niceness: Int32 = 0,
        body: @escaping @Sendable () -> Void,
    ) {
        // Not `pthread_attr_t()`: where Dispatch is built too, the compiler takes that initialiser for Dispatch's.
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        pthread_attr_init(attributes)
        pthread_attr_setstacksize(attributes, stackBytes)
        defer {
            pthread_attr_destroy(attributes)
            attributes.deallocate()
        }
        let box = Unmanaged.passRetained(Body(name: name, niceness: niceness, run: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            attributes,
            { argument in
                // The creator passed a retained Body and nothing else uses the pointer.
                let body = Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue()
                DedicatedThread.nameCurrent(body.name)
                if body.niceness != 0 {
                    // On Linux niceness is a thread's own; 0 names the calling thread.
                    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, body.niceness)
                }
                body.run()
                return nil
            },
            box.toOpaque(),
        )
        guard code == 0 else {
            fatalError("the system gives no further thread (\(name)): \(String(cString: strerror(code)))")
        }
        handle = Mutex(thread)
    }

    /// Lets it end by itself: nobody waits for it.
    package func detach() {
        handle.withLock { handle in
            if let thread = handle { pthread_detach(thread) }
            handle = nil
        }
    }

    /// Waits until the body has returned. Does nothing on a second call.
    package func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread {
            pthread_join(thread, nil)
        }
    }

    /// The name is for people who look at `top`; where it cannot be set nothing is lost.
    private static func nameCurrent(_ name: String) {
        // pthread_setname_np is hidden behind _GNU_SOURCE and prctl is variadic, so Swift sees neither.
        let file = open("/proc/thread-self/comm", O_WRONLY)
        guard file >= 0 else { return }
        _ = write(file, String(name.prefix(15)), min(15, name.utf8.count))
        close(file)
    }

    private final class Body {
        let name: String
        let niceness: Int32
        let run: @Sendable () -> Void

        init(name: String, niceness: Int32, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.niceness = niceness
            self.run = run
        }
    }
}
