internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension Level: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Level>) {
        switchboard__v1__level__init(message)
    }

    init(_ message: Switchboard__V1__Level) throws(FieldError) {
        self.init(
            path: try message.path.path("path"),
            probability: try Read.finite(message.probability, "probability")
        )
    }

    func fill(_ message: inout Switchboard__V1__Level, _ arena: inout Arena) {
        message.path = arena.data(path.description)
        message.probability = probability
    }
}

extension Candidate: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Candidate>) {
        switchboard__v1__candidate__init(message)
    }

    init(_ message: Switchboard__V1__Candidate) throws(FieldError) {
        let isCalibrated = message.probability_value_case == SWITCHBOARD__V1__CANDIDATE__PROBABILITY_VALUE_PROBABILITY
        let hasClassScore = message.class_score_value_case == SWITCHBOARD__V1__CANDIDATE__CLASS_SCORE_VALUE_CLASS_SCORE
        let hasLogprob = message.llm_logprob_value_case == SWITCHBOARD__V1__CANDIDATE__LLM_LOGPROB_VALUE_LLM_LOGPROB
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            intent: try message.intent.path("intent"),
            intentID: try Read.intentID(message.intent_id, "intent_id"),
            probability: isCalibrated ? try Read.finite(message.probability, "probability") : nil,
            vote: try Read.finite(message.vote, "vote"),
            classScore: hasClassScore ? try Read.finite(message.class_score, "class_score") : nil,
            llmLogprob: hasLogprob ? try Read.finite(message.llm_logprob, "llm_logprob") : nil,
            score: try Read.finite(message.score, "score")
        )
    }

    func fill(_ message: inout Switchboard__V1__Candidate, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.intent = arena.data(intent.description)
        message.intent_id = intentID.number
        if let probability {
            message.probability_value_case = SWITCHBOARD__V1__CANDIDATE__PROBABILITY_VALUE_PROBABILITY
            message.probability = probability
        }
        message.vote = vote
        if let classScore {
            message.class_score_value_case = SWITCHBOARD__V1__CANDIDATE__CLASS_SCORE_VALUE_CLASS_SCORE
            message.class_score = classScore
        }
        if let llmLogprob {
            message.llm_logprob_value_case = SWITCHBOARD__V1__CANDIDATE__LLM_LOGPROB_VALUE_LLM_LOGPROB
            message.llm_logprob = llmLogprob
        }
        message.score = score
    }
}

extension Evidence: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Evidence>) {
        switchboard__v1__evidence__init(message)
    }

    init(_ message: Switchboard__V1__Evidence) throws(FieldError) {
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            query: try message.query.prose("query"),
            intent: try message.intent.path("intent"),
            similarity: try Read.finite(message.similarity, "similarity")
        )
    }

    func fill(_ message: inout Switchboard__V1__Evidence, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.query = arena.data(query)
        message.intent = arena.data(intent.description)
        message.similarity = similarity
    }
}

extension Timings: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Timings>) {
        switchboard__v1__timings__init(message)
    }

    init(_ message: Switchboard__V1__Timings) throws(FieldError) {
        self.init(
            queue: Read.duration(message.queue_us),
            encode: Read.duration(message.encode_us),
            search: Read.duration(message.search_us),
            score: Read.duration(message.score_us),
            total: Read.duration(message.total_us)
        )
    }

    func fill(_ message: inout Switchboard__V1__Timings, _ arena: inout Arena) {
        message.queue_us = microseconds(queue)
        message.encode_us = microseconds(encode)
        message.search_us = microseconds(search)
        message.score_us = microseconds(score)
        message.total_us = microseconds(total)
    }
}
