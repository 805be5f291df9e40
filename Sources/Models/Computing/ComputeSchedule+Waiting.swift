internal import Core

extension ComputeSchedule {
    /// Seconds until a thread would take `job` if it were admitted now, from what waits before it and what runs.
    ///
    /// Work flows like water to the thread that is free first. For an encoding or a search a thread in the language model
    /// counts as free, because it serves them in between.
    func predictedWait(of job: Job, at now: ContinuousClock.Instant) -> Double {
        var isLanguage = false
        if case .language = job.kind { isLanguage = true }
        var queued = pace.seconds(for: .init(retrievals: followUps.count))
        for priority in Priority.allCases where priority <= job.order.priority {
            var ahead = lines[priority].amount
            if !isLanguage { ahead.languageTokens = 0 }
            queued += pace.seconds(for: ahead)
        }
        var occupied: [Double] = []
        for thread in threads {
            var left = thread.short.map { remaining(of: $0, at: now) } ?? 0
            if isLanguage, let language = thread.language {
                left += remaining(of: language, at: now)
            }
            occupied.append(left)
        }
        occupied.sort()
        // The level to which `queued` fills the threads, the freest first.
        var level = occupied[0]
        var sum = 0.0
        for (count, left) in occupied.enumerated() {
            if count > 0, level <= left { break }
            sum += left
            level = (queued + sum) / Double(count + 1)
        }
        return level
    }

    private func remaining(of running: Running, at now: ContinuousClock.Instant) -> Double {
        max(0, pace.seconds(for: running.amount) + running.paused - Self.seconds(from: running.since, to: now))
    }

    static func seconds(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) -> Double {
        start.duration(to: end).seconds
    }
}
