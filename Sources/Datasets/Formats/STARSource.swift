/// One STAR dialogue, a JSON object with `Events` and `Scenario`.
///
/// What the user and the wizard say becomes rows; searches and instructions do not. A wizard's turn carries its
/// `ActionLabel`. The task that the whole dialogue is about (domain and task, two levels) stands at the user's first
/// turn, since the later ones answer questions; with several tasks all are named.
final class STARSource: RowSource {
    private var rows: ArraySlice<RawRow> = []

    let endsWithoutLineEnd = false

    init(file: String) throws(DatasetError) {
        var document = JSONDocument(file: file, bytes: try wholeFile(file))
        do {
            rows = try Self.rows(&document)[...]
        } catch {
            throw document.problem(error)
        }
    }

    func next() throws(DatasetError) -> RawRow? { rows.popFirst() }

    private struct Event {
        var agent = ""
        var action = ""
        var text: String?
        var label: String?
        var line = 0

        var role: SpeakerRole? {
            switch (agent, action) {
            case ("User", "utter"): .caller
            case ("Wizard", "utter"), ("Wizard", "pick_suggestion"): .agent
            default: nil
            }
        }
    }

    private static func rows(_ document: inout JSONDocument) throws(JSONError) -> [RawRow] {
        var events: [Event]?
        var tasks: [RawIntent] = []
        var identity: String?
        try document.scanner.enterObject()
        var isFirst = true
        while let key = try document.scanner.nextKey(isFirst: isFirst) {
            isFirst = false
            switch key {
            case "Events": events = try Self.events(&document)
            case "Scenario": tasks = try Self.tasks(&document.scanner)
            case "DialogueID":
                let isNumber = try document.scanner.peek() == .number
                identity = try isNumber ? document.scanner.number() : document.scanner.stringOrNull(key)
            default: try document.scanner.skip()
            }
        }
        try document.scanner.end()
        guard let events else {
            throw JSONError(offset: 0, reason: "there is no 'Events'; is this a STAR dialogue?", isCutOff: false)
        }
        var isTaskNamed = false
        return events.compactMap { event in
            guard let role = event.role, let text = event.text else { return nil }
            var row = RawRow(file: document.file, line: event.line, text: text)
            row.role = role.rawValue
            row.conversation = identity
            if role == .agent {
                row.intents = event.label.map { [.written($0)] } ?? []
            } else if !isTaskNamed {
                row.intents = tasks
                isTaskNamed = true
            }
            return row
        }
    }

    private static func events(_ document: inout JSONDocument) throws(JSONError) -> [Event] {
        var events: [Event] = []
        try document.scanner.enterArray()
        while try document.scanner.nextElement(isFirst: events.isEmpty) {
            var event = Event()
            try document.scanner.enterObject()
            event.line = document.line
            var isFirst = true
            while let key = try document.scanner.nextKey(isFirst: isFirst) {
                isFirst = false
                switch key {
                case "Agent": event.agent = try document.scanner.string(key)
                case "Action": event.action = try document.scanner.string(key)
                case "Text": event.text = try document.scanner.stringOrNull(key)
                case "ActionLabel": event.label = try document.scanner.stringOrNull(key)
                default: try document.scanner.skip()
                }
            }
            events.append(event)
        }
        return events
    }

    private static func tasks(_ scanner: inout JSONScanner) throws(JSONError) -> [RawIntent] {
        var tasks: [RawIntent] = []
        try scanner.enterObject()
        var isFirst = true
        while let key = try scanner.nextKey(isFirst: isFirst) {
            isFirst = false
            guard key == "WizardCapabilities" else {
                try scanner.skip()
                continue
            }
            try scanner.enterArray()
            while try scanner.nextElement(isFirst: tasks.isEmpty) {
                tasks.append(try task(&scanner))
            }
        }
        return tasks
    }

    private static func task(_ scanner: inout JSONScanner) throws(JSONError) -> RawIntent {
        var domain = ""
        var task = ""
        try scanner.enterObject()
        var isFirst = true
        while let key = try scanner.nextKey(isFirst: isFirst) {
            isFirst = false
            switch key {
            case "Domain": domain = try scanner.string(key)
            case "Task": task = try scanner.string(key)
            default: try scanner.skip()
            }
        }
        return .levels([domain, task])
    }
}
