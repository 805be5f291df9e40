internal import Core

extension ComputeSchedule {
    /// A job of which something has not been taken yet.
    struct Waiting {
        let job: Job
        var nextText = 0

        /// What has not been taken yet.
        var amount: ComputePace.Amount {
            guard case .encoding(let tokens, _) = job.kind else { return job.amount }
            var amount = job.amount
            amount.encodingTokens -= tokens.prefix(nextText).reduce(0, +)
            return amount
        }
    }

    /// What waits with one priority. The orders may still hold ids that wait no more.
    struct Line {
        var encodings = FirstInFirstOut<JobID>()
        var retrievals = FirstInFirstOut<JobID>()
        var language = FirstInFirstOut<JobID>()
        private(set) var retrievalJobs = 0
        private(set) var languageJobs = 0
        private(set) var amount = ComputePace.Amount()

        mutating func append(_ job: Job) {
            amount += job.amount
            switch job.kind {
            case .encoding: encodings.append(job.id)
            case .retrieval: retrievals.append(job.id)
            case .language: language.append(job.id)
            }
            count(job, by: 1)
        }

        /// Takes note that texts of an encoding have been taken, though not all.
        mutating func took(tokens: Int) {
            amount.encodingTokens -= tokens
        }

        mutating func leave(_ entry: Waiting) {
            amount -= entry.amount
            count(entry.job, by: -1)
        }

        /// Ids that wait no more must not pile up while every thread is busy.
        mutating func sweep(keeping present: [JobID: Waiting]) {
            let room = 2 * (retrievalJobs + languageJobs) + 64
            if encodings.count > room { encodings.removeAll { present[$0] == nil } }
            if retrievals.count > room { retrievals.removeAll { present[$0] == nil } }
            if language.count > room { language.removeAll { present[$0] == nil } }
        }

        private mutating func count(_ job: Job, by step: Int) {
            if case .language = job.kind { languageJobs += step } else { retrievalJobs += step }
        }
    }
}

extension ComputeSchedule.Job {
    var amount: ComputePace.Amount {
        switch kind {
        case .encoding(let tokens, let isFollowed):
            .init(encodingTokens: tokens.reduce(0, +), retrievals: isFollowed ? 1 : 0)
        case .retrieval: .init(retrievals: 1)
        case .language(let tokens): .init(languageTokens: tokens)
        }
    }
}
