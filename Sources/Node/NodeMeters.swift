internal import Calls
internal import Core
internal import Index
internal import Models
internal import Monitoring
internal import Routing
internal import UpdateStore
internal import Updating
internal import Wire

/// Turns what the parts of a node tell and hold into its metrics.
struct NodeMeters: Sendable {
    let registry: PrometheusRegistry
    let metrics: NodeMetrics

    init() {
        registry = PrometheusRegistry()
        metrics = NodeMetrics(registry: registry, version: Version.current)
    }

    // MARK: What is told

    var calls: CallEvents {
        CallEvents(
            finished: { [metrics] in metrics.callFinished($0, $1, after: $2) },
            refused: { [metrics] in metrics.refused($0) },
        )
    }

    var routing: RoutingEvents {
        RoutingEvents(
            classified: classified,
            repeated: { [metrics] in metrics.repeated(because: $0.rawValue) },
            handedOn: { [metrics] in metrics.handedOn($0) },
            notHandedOn: { [metrics] in metrics.notHandedOn($0, because: $1.rawValue) },
        )
    }

    private var classified: @Sendable (ClassifyResponse) -> Void {
        { [metrics] reply in
            metrics.classified(in: reply.vertical, reply.outcome, by: reply.decidedBy)
            metrics.spent(reply.timings.queue, in: .queue)
            metrics.spent(reply.timings.encode, in: .encode)
            metrics.spent(reply.timings.search, in: .search)
            if reply.timings.score > .zero { metrics.spent(reply.timings.score, in: .score) }
            metrics.spent(reply.timings.total, in: .total)
        }
    }

    var updating: UpdatingEvents {
        UpdatingEvents(
            appended: { [metrics] in metrics.appended($0) },
            stored: { [metrics] in metrics.stored($0) },
            followerAhead: { [metrics] in metrics.refused("follower_ahead") },
        )
    }

    var committed: @Sendable (Int, Duration) -> Void {
        { [metrics] in metrics.committed(operations: $0, after: $1) }
    }

    var applied: @Sendable (Duration) -> Void {
        { [metrics] in metrics.applied(after: $0) }
    }

    // MARK: What is asked at a scrape

    func observe(_ queue: ComputeQueue) {
        metrics.observeCompute {
            let statistics = queue.statistics
            var reading = ComputeReading(
                queues: Dictionary(
                    uniqueKeysWithValues: Priority.allCases.map { ($0, QueueReading(statistics.counts[$0])) }
                ),
                batchTexts: HistogramReading(statistics.batchTexts),
                batchScores: HistogramReading(statistics.batchScores),
            )
            reading.waitingBytes = statistics.waitingBytes
            reading.idleThreads = statistics.idleThreads
            reading.retrievalThreads = statistics.retrievalThreads
            reading.languageThreads = statistics.languageThreads
            reading.interruptions = statistics.interruptions
            return reading
        }
    }

    func observe(_ writer: ReplicaWriter) {
        metrics.observeIndex {
            guard let snapshot = writer.replica?.snapshot else {
                return IndexReading(segments: [], vectorBytes: 0, rowBytes: 0, exemplarBytes: 0)
            }
            let memory = snapshot.memory
            return IndexReading(
                segments: snapshot.segments.map(SegmentReading.init),
                vectorBytes: memory.vectors,
                rowBytes: memory.rows,
                exemplarBytes: memory.exemplars,
            )
        }
        metrics.observeReplica {
            // Of the replica that is being filled, where there is one besides that which is read.
            let applied = await writer.state().position?.sequence ?? .start
            return ReplicaReading(
                applied: applied,
                head: max(applied, await writer.head?.sequence ?? .start),
                silence: await writer.silence,
                isStopped: await writer.isStopped,
                discarded: await writer.timesDiscarded
            )
        }
    }

    func observe(_ log: UpdateLog, of updater: IndexUpdater) {
        metrics.observeLog {
            LogReading(
                head: log.head.position.sequence,
                epoch: log.epoch,
                isWritable: log.condition == .whole ? await updater.refusal == nil : false,
                followers: await updater.followerCount,
            )
        }
    }

    func observe(_ pool: PoolStore) {
        metrics.observePool {
            // A file that cannot be read is told by those who need it; its figures are left out.
            guard let counts = try? await pool.counts() else { return nil }
            return PoolReading(counts: counts, storedBytes: pool.storedBytes())
        }
    }

    func observe(_ gateway: Gateway) {
        metrics.observeWorkers {
            var readings: [WorkersReading] = []
            for service in RoutingServices.all {
                let load = await gateway.load(of: service)
                readings.append(
                    WorkersReading(service: service, attached: load.workers, credit: load.credit, waiting: load.waiting)
                )
            }
            return readings
        }
    }
}

extension QueueReading {
    fileprivate init(_ counts: ComputeStatistics.Counts) {
        self.init(delay: HistogramReading(counts.delay))
        admitted = counts.admitted
        refusedFull = counts.refusedFull
        refusedLate = counts.refusedLate
        expired = counts.expired
        cancelled = counts.cancelled
        waiting = counts.waiting
    }
}

extension HistogramReading {
    fileprivate init(_ spread: ComputeStatistics.Spread) {
        self.init(bounds: spread.bounds, counts: spread.counts.map { UInt64($0) }, sum: spread.sum)
    }
}

extension SegmentReading {
    fileprivate init(_ segment: SegmentStatistics) {
        let state: State =
            switch segment.kind {
            case .growing: .growing
            case .awaitingGraph: .awaitingGraph
            case .graph: .graph
            }
        self.init(
            vertical: segment.vertical,
            state: state,
            live: segment.live,
            rows: segment.vectors,
            withoutGraph: segment.withoutGraph,
        )
    }
}
