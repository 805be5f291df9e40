internal import Core

/// What is looked up at a scrape. Each is called at most once, while the node is built; the closures run on Swift's pool,
/// one call at a time, and one that does not answer within the registry's limit is left out of that scrape.
extension NodeMetrics {
    package func observeCompute(_ read: @escaping @concurrent @Sendable () async -> ComputeReading) {
        registry.collect("compute") { Self.samples(of: await read()) }
    }

    package func observeIndex(_ read: @escaping @concurrent @Sendable () async -> IndexReading) {
        registry.collect("index") { Self.samples(of: await read()) }
    }

    package func observeLog(_ read: @escaping @concurrent @Sendable () async -> LogReading) {
        registry.collect("log") {
            let log = await read()
            return [
                MetricCatalog.logHead.sample(log.head.number),
                MetricCatalog.logEpoch.sample(log.epoch),
                MetricCatalog.logWritable.sample(log.isWritable ? 1 : 0),
                MetricCatalog.logFollowers.sample(log.followers),
            ]
        }
    }

    package func observeReplica(_ read: @escaping @concurrent @Sendable () async -> ReplicaReading) {
        registry.collect("replica") {
            let replica = await read()
            let lag = replica.head.number - min(replica.applied.number, replica.head.number)
            return [
                MetricCatalog.replicaApplied.sample(replica.applied.number),
                MetricCatalog.replicaLag.sample(lag),
                MetricCatalog.replicaStopped.sample(replica.isStopped ? 1 : 0),
                MetricCatalog.replicaDiscarded.sample(replica.discarded),
            ] + (replica.silence.map { [MetricCatalog.replicaSilence.sample($0 / .seconds(1))] } ?? [])
        }
    }

    package func observeWorkers(_ read: @escaping @concurrent @Sendable () async -> [WorkersReading]) {
        registry.collect("workers") {
            await read().flatMap { workers in
                [
                    MetricCatalog.workers.sample(workers.attached, workers.service),
                    MetricCatalog.workerCredit.sample(workers.credit, workers.service),
                    MetricCatalog.workerCallsWaiting.sample(workers.waiting, workers.service),
                ]
            }
        }
    }

    /// - Parameter read: nil where nothing can be said now.
    package func observePool(_ read: @escaping @concurrent @Sendable () async -> PoolReading?) {
        registry.collect("pool") {
            guard let pool = await read() else { return [] }
            var samples = [
                MetricCatalog.poolCalls.sample(pool.counts.calls),
                MetricCatalog.poolBytes.sample(pool.counts.bytes, "live"),
                MetricCatalog.poolBytes.sample(pool.storedBytes, "file"),
            ]
            for reason in PoolReason.allCases {
                samples.append(
                    MetricCatalog.poolUtterances.sample(pool.counts.utterances[reason, default: 0], reason.rawValue)
                )
            }
            for cause in PoolCounts.Departure.allCases {
                samples.append(MetricCatalog.poolLeft.sample(pool.counts.left[cause, default: 0], cause.rawValue))
            }
            return samples
        }
    }

    /// - Parameter directory: the node's data directory, read at each scrape.
    package func observeStores(in directory: String) {
        registry.collect("stores") {
            let sizes = StoreSizes(directory: directory)
            return sizes.bytes.map { MetricCatalog.storeBytes.sample($0.value, $0.key) }
                + (sizes.freeBytes.map { [MetricCatalog.storeFreeBytes.sample($0)] } ?? [])
        }
    }

    private static func samples(of compute: ComputeReading) -> [MetricSample] {
        var samples = [
            MetricCatalog.queueBytes.sample(compute.waitingBytes),
            MetricCatalog.batchTexts.sample(compute.batchTexts),
            MetricCatalog.batchScores.sample(compute.batchScores),
            MetricCatalog.computeThreads.sample(compute.idleThreads, "idle"),
            MetricCatalog.computeThreads.sample(compute.retrievalThreads, "retrieval"),
            MetricCatalog.computeThreads.sample(compute.languageThreads, "language"),
            MetricCatalog.interruptions.sample(compute.interruptions),
        ]
        for (priority, queue) in compute.queues {
            samples += [
                MetricCatalog.queueDepth.sample(queue.waiting, priority.rawValue),
                MetricCatalog.queueAdmitted.sample(queue.admitted, priority.rawValue),
                MetricCatalog.queueDropped.sample(queue.refusedFull, priority.rawValue, "full"),
                MetricCatalog.queueDropped.sample(queue.refusedLate, priority.rawValue, "late"),
                MetricCatalog.queueDropped.sample(queue.expired, priority.rawValue, "expired"),
                MetricCatalog.queueDropped.sample(queue.cancelled, priority.rawValue, "cancelled"),
                MetricCatalog.queueDelay.sample(queue.delay, priority.rawValue),
            ]
        }
        return samples
    }

    /// Segments of one vertical and state come as one series: the registry adds them up.
    private static func samples(of index: IndexReading) -> [MetricSample] {
        let memory = [
            MetricCatalog.indexBytes.sample(index.vectorBytes, "vectors"),
            MetricCatalog.indexBytes.sample(index.rowBytes, "rows"),
            MetricCatalog.indexBytes.sample(index.exemplarBytes, "exemplars"),
        ]
        return index.segments.reduce(into: memory) { samples, segment in
            let vertical = segment.vertical.name
            let state = segment.state.rawValue
            samples += [
                MetricCatalog.indexSegments.sample(1, vertical, state),
                MetricCatalog.indexRows.sample(segment.rows, vertical, state),
                MetricCatalog.indexExemplars.sample(segment.live, vertical),
                MetricCatalog.indexWithoutGraph.sample(segment.withoutGraph, vertical),
            ]
        }
    }
}
