import Core

@testable import Discovering

/// Three small clusters that sound like calls.
enum NamingTexts {
    static let cancelling = [
        "please cancel my order", "i want to cancel the order of yesterday", "cancel that order for me",
        "can you cancel an order i placed", "my orders should be cancelled",
    ]
    static let tracking = [
        "where is my parcel", "track my parcel please", "i want to track a parcel", "has my parcel been sent",
        "can i track the delivery of my parcel",
    ]
    static let swallowed = [
        "the card was eaten by the machine", "the cash machine kept my card", "machine swallowed my card",
        "my card is stuck in the machine", "a machine took my card",
    ]
    static let all = [cancelling, tracking, swallowed]

    static func clusters(_ texts: [[String]] = all, role: Role? = .caller) throws -> [NamedCluster] {
        try texts.map { NamedCluster(texts: try $0.map { try UtteranceText($0) }, role: role) }
    }
}
