internal import Core
internal import Index
internal import Models
internal import Monitoring
internal import RemoteEngines
internal import Routing
internal import Updating

/// What a node says when it is asked whether it is ready.
extension NodeParts {
    /// Whether a Classify would be answered now, or, without a gateway, whether the node does its own part.
    func readiness() async -> HealthReport {
        var report = HealthReport()
        if gateway == nil, let replicaWriter, replicaWriter.replica == nil {
            report.reasons.append("the replica does not have yet what the log holds")
        }
        if let gateway {
            if !gateway.isReady {
                report.reasons.append("no retriever is attached that has caught up with the log")
            }
            if await gateway.load(of: RoutingServices.scorer).workers == 0 {
                report.notes.append("no scorer is attached; answers come from retrieval alone")
            }
        }
        if let reason = scorerTrouble { report.notes.append(reason) }
        if let reason = remoteEncoder?.state.value.reason {
            // Another retriever, whose encoder answers, is asked before this node's own.
            if await gateway?.hasSoundWorker(of: RoutingServices.retriever) == true {
                report.notes.append(reason)
            } else {
                report.reasons.append(reason)
            }
        }
        if let refusal = retriever?.refusal {
            // Where another retriever is attached a Classify is answered all the same.
            if gateway?.isReady == true {
                report.notes.append(refusal.message)
            } else {
                report.reasons.append(refusal.message)
            }
        }
        if let ring = security?.ring { tell(of: ring, in: &report) }
        if replicaWriter?.progress.value.isStartingAnew == true {
            report.notes.append("the replica starts anew; until it has caught up with the log the old one answers")
        }
        tellAttachments(in: &report)
        for reason in followTroubles.compactMap(\.value) {
            let note = "the log is not followed: \(reason)"
            // Several of a node may follow it.
            if !report.notes.contains(note) { report.notes.append(note) }
        }
        if let updater {
            if let refusal = await updater.refusal { report.notes.append(refusal.message) }
            if await updater.followersAhead > 0 {
                report.notes.append(
                    "a follower has more than the log; if that was restored from a backup, give it a new id: "
                        + IndexUpdater.newIDSteps
                )
            }
        }
        return report
    }

    /// A retriever or scorer that is attached nowhere serves nobody, unless this node has a gateway too. A clusterer answers
    /// reviewers all the same.
    private func tellAttachments(in report: inout HealthReport) {
        for role in [NodeRole.retriever, .scorer, .clusterer] {
            let own = attachments.filter { $0.role == role }
            let troubles = own.compactMap(\.trouble)
            if troubles.count == own.count, gateway == nil, role != .clusterer {
                report.reasons += troubles
            } else {
                report.notes += troubles
            }
        }
    }

    private func tell(of ring: KeyRing, in report: inout HealthReport) {
        if ring.liveCount == 0 {
            report.notes.append("no key is known here yet, so that nobody can connect")
        } else if let silence = ring.silence() {
            report.notes.append(
                "this node lets nobody new in: it has not heard from the updater for \(Int(silence.seconds)) s, so that a "
                    + "revocation may be missing here; connections that are open go on"
            )
        }
    }
}
