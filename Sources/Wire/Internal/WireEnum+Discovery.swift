internal import Core
internal import SwitchboardProtos

extension PoolReason: WireEnum {
    var number: Switchboard__V1__PoolReason {
        switch self {
        case .unknown: SWITCHBOARD__V1__POOL_REASON__POOL_REASON_UNKNOWN
        case .clarify: SWITCHBOARD__V1__POOL_REASON__POOL_REASON_CLARIFY
        case .unsure: SWITCHBOARD__V1__POOL_REASON__POOL_REASON_UNSURE
        case .corrected: SWITCHBOARD__V1__POOL_REASON__POOL_REASON_CORRECTED
        case .file: SWITCHBOARD__V1__POOL_REASON__POOL_REASON_FILE
        }
    }
}

extension DiscoverySettings.Method: WireEnum {
    var number: Switchboard__V1__DiscoveryMethod {
        switch self {
        case .graph: SWITCHBOARD__V1__DISCOVERY_METHOD__DISCOVERY_METHOD_GRAPH
        case .dialIn: SWITCHBOARD__V1__DISCOVERY_METHOD__DISCOVERY_METHOD_DIAL_IN
        case .kMeans: SWITCHBOARD__V1__DISCOVERY_METHOD__DISCOVERY_METHOD_K_MEANS
        case .ward: SWITCHBOARD__V1__DISCOVERY_METHOD__DISCOVERY_METHOD_WARD
        }
    }
}

extension DiscoverySettings.JudgeKind: WireEnum {
    var number: Switchboard__V1__JudgeKind {
        switch self {
        case .none: SWITCHBOARD__V1__JUDGE_KIND__JUDGE_KIND_NONE
        case .vectors: SWITCHBOARD__V1__JUDGE_KIND__JUDGE_KIND_VECTORS
        case .scorer: SWITCHBOARD__V1__JUDGE_KIND__JUDGE_KIND_SCORER
        case .both: SWITCHBOARD__V1__JUDGE_KIND__JUDGE_KIND_BOTH
        case .llm: SWITCHBOARD__V1__JUDGE_KIND__JUDGE_KIND_LLM
        }
    }
}

extension DiscoverySettings.Cut: WireEnum {
    var number: Switchboard__V1__DiscoveryCut {
        switch self {
        case .coarser: SWITCHBOARD__V1__DISCOVERY_CUT__DISCOVERY_CUT_COARSER
        case .chosen: SWITCHBOARD__V1__DISCOVERY_CUT__DISCOVERY_CUT_CHOSEN
        case .finer: SWITCHBOARD__V1__DISCOVERY_CUT__DISCOVERY_CUT_FINER
        }
    }
}

extension DiscoverySettings.Sampling: WireEnum {
    var number: Switchboard__V1__DiscoverySampling {
        switch self {
        case .random: SWITCHBOARD__V1__DISCOVERY_SAMPLING__DISCOVERY_SAMPLING_RANDOM
        case .medoid: SWITCHBOARD__V1__DISCOVERY_SAMPLING__DISCOVERY_SAMPLING_MEDOID
        case .extreme: SWITCHBOARD__V1__DISCOVERY_SAMPLING__DISCOVERY_SAMPLING_EXTREME
        case .mixed: SWITCHBOARD__V1__DISCOVERY_SAMPLING__DISCOVERY_SAMPLING_MIXED
        }
    }
}

extension DiscoverySettings.Base: WireEnum {
    var number: Switchboard__V1__DiscoveryBase {
        switch self {
        case .kMeans: SWITCHBOARD__V1__DISCOVERY_BASE__DISCOVERY_BASE_K_MEANS
        case .ward: SWITCHBOARD__V1__DISCOVERY_BASE__DISCOVERY_BASE_WARD
        case .leiden: SWITCHBOARD__V1__DISCOVERY_BASE__DISCOVERY_BASE_LEIDEN
        }
    }
}

extension RunProgress.Phase: WireEnum {
    var number: Switchboard__V1__RunPhase {
        switch self {
        case .waiting: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_WAITING
        case .encoding: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_ENCODING
        case .tuning: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_TUNING
        case .clustering: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_CLUSTERING
        case .judging: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_JUDGING
        case .naming: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_NAMING
        case .merging: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_MERGING
        case .comparing: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_COMPARING
        case .finished: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_FINISHED
        case .cancelled: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_CANCELLED
        case .failed: SWITCHBOARD__V1__RUN_PHASE__RUN_PHASE_FAILED
        }
    }
}

extension ProposalName.Source: WireEnum {
    var number: Switchboard__V1__NameSource {
        switch self {
        case .model: SWITCHBOARD__V1__NAME_SOURCE__NAME_SOURCE_MODEL
        case .keywords: SWITCHBOARD__V1__NAME_SOURCE__NAME_SOURCE_KEYWORDS
        case .reviewer: SWITCHBOARD__V1__NAME_SOURCE__NAME_SOURCE_REVIEWER
        }
    }
}
