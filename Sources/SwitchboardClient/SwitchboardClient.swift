package import Calls
package import Core
internal import Messaging
package import Wire

/// A connection to Switchboard: classifies utterances, sends feedback, streams pairs into the live index.
///
/// With several gateways calls take turns among them. Where one dies, or has no room, a call is made at another within its
/// deadline: what gateways do may be repeated.
/// Safe to use from any task; many calls may be in flight. Close it when done.
public final class SwitchboardClient: Sendable {
    /// Where nodes are found: their gateways, the updater of the index, the clusterer.
    public struct Addresses: Sendable {
        /// Of gateways to the same index, such as `tcp://127.0.0.1:7700`; at least one.
        public var gateways: [String]
        /// The first of them.
        public var gateway: String {
            get { gateways[0] }
            set { gateways[0] = newValue }
        }
        /// Of the index updater, such as `tcp://127.0.0.1:7702`.
        public var updater: String
        /// Of the clusterer, such as `tcp://127.0.0.1:7703`.
        public var discovery: String
        /// Shown to nodes whose address has their public key behind a `#`; nil: there are none such.
        public var key: ClientKey?

        /// The defaults are a node's on this machine, which uses no keys.
        public init(
            gateway: String = "tcp://127.0.0.1:7700",
            updater: String = "tcp://127.0.0.1:7702",
            discovery: String = "tcp://127.0.0.1:7703",
            key: ClientKey? = nil,
        ) {
            self.init(gateways: [gateway], updater: updater, discovery: discovery, key: key)
        }

        /// The defaults of updater and clusterer are those of a node on this machine.
        ///
        /// - Parameter gateways: at least one, each with its node's public key behind a `#` where that uses keys.
        public init(
            gateways: [String],
            updater: String = "tcp://127.0.0.1:7702",
            discovery: String = "tcp://127.0.0.1:7703",
            key: ClientKey? = nil,
        ) {
            precondition(!gateways.isEmpty, "a client needs the address of a gateway")
            self.gateways = gateways
            self.updater = updater
            self.discovery = discovery
            self.key = key
        }
    }

    /// What a classification may ask for beyond the text.
    public struct ClassifyOptions: Sendable {
        /// Whether the language model is asked.
        public enum LLM: String, Sendable, CaseIterable {
            /// Never.
            case off
            /// Where retrieval alone is not sure, once a policy was fitted for the model.
            case auto
            /// Each time.
            case always
        }

        /// Empty: all that may be seen.
        public var verticals: [String] = []
        /// Nil: as the policy says.
        public var llm: LLM?
        /// Whether each exemplar is compared instead of walking graphs: slower in a large index, and misses none.
        public var exact = false
        /// How many retrieved exemplars to return, nearest first; at most 1,000.
        public var evidence = 5
        /// Wait until the index has this sequence number of the log `minLogID`.
        public var minSeq: UInt64?
        /// The log that `minSeq` belongs to, as earlier replies and receipts name it.
        public var minLogID: String?
        /// Echoed in the reply; at most 64 bytes.
        public var requestID: String?
        /// Allowed path prefixes; empty: all.
        public var within: [String] = []
        /// Exemplar ids (32 hexadecimal digits) that do not count.
        public var exclude: [String] = []
        /// How long to wait for the answer. Nil: 2 s; more than 60 s counts as 60 s.
        public var deadline: Duration?

        /// All defaults.
        public init() {}
    }

    package let gateways: Gateways
    package let updater: CallChannel
    package let discovery: CallChannel
    private let loop: PollLoop
    private let context: MessagingContext

    /// Connects when the first call is made.
    ///
    /// - Parameter refused: of several gateways, is told of one that does not let this client in and why, once a minute at
    ///   most: calls go on at the others. With one gateway the calls say it.
    public init(
        _ addresses: Addresses = Addresses(),
        refused: @escaping @Sendable (_ gateway: String, _ reason: String) -> Void = { _, _ in },
    ) {
        loop = PollLoop(name: "sb-client")
        context = MessagingContext()
        let (loop, context, keys) = (loop, context, addresses.key?.pair)
        let hasSeveral = addresses.gateways.count > 1
        gateways = Gateways(
            addresses.gateways.map { gateway in
                CallChannel(address: gateway, keys: keys, loop: loop, context: context) { place, reason in
                    if hasSeveral { refused(place, reason) }
                }
            }
        )
        updater = CallChannel(address: addresses.updater, keys: keys, loop: loop, context: context)
        discovery = CallChannel(address: addresses.discovery, keys: keys, loop: loop, context: context)
    }

    /// Connects to several gateways of one index when the first calls are made.
    ///
    /// - Parameter gateways: at least one.
    public convenience init(gateways: [String], updater: String = "tcp://127.0.0.1:7702") {
        self.init(Addresses(gateways: gateways, updater: updater))
    }

    /// The first gateway's connection, for what is measured on one node.
    package var gateway: CallChannel { gateways.channels[0] }

    /// Runs `body` with a client that is closed afterwards, whatever becomes of it.
    ///
    /// - Parameter refused: as of `init`.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    public static func with<Product>(
        _ addresses: Addresses = Addresses(),
        refused: @escaping @Sendable (_ gateway: String, _ reason: String) -> Void = { _, _ in },
        _ body: (SwitchboardClient) async throws -> Product,
    ) async throws -> Product {
        let client = SwitchboardClient(addresses, refused: refused)
        do {
            let product = try await body(client)
            await client.close()
            return product
        } catch {
            await client.close()
            throw error
        }
    }

    /// Ends what is open and frees the sockets. The client is of no use afterwards.
    public func close() async {
        await gateways.close()
        await updater.close()
        await discovery.close()
        loop.stop()
        context.close()
    }

    /// Tells what a caller wants.
    ///
    /// - Throws: `ClientError` with the status of the contract: `.invalidArgument` for text or options that are not
    ///   accepted, `.unavailable` where no gateway answers, `.deadlineExceeded`, ...
    public func classify(
        _ text: String,
        options: ClassifyOptions = ClassifyOptions(),
    ) async throws(ClientError) -> Classification {
        do {
            let request = try ClassifyRequest(text, options)
            return Classification(try await gateways.call(Methods.classify, request, within: options.deadline))
        } catch {
            throw ClientError(error)
        }
    }
}

extension ClassifyRequest {
    package init(_ text: String, _ options: SwitchboardClient.ClassifyOptions) throws(SwitchboardError) {
        var minPosition: LogPosition?
        if let minSeq = options.minSeq {
            guard let log = options.minLogID.flatMap({ Bits128(hex: $0) }) else {
                throw .invalid("a least sequence number needs the id of its log, 32 hexadecimal digits")
            }
            minPosition = LogPosition(log: log, sequence: LogSequence(minSeq))
        }
        var verticals: [Vertical] = []
        for name in options.verticals { verticals.append(try Vertical(name)) }
        var within: [IntentPath] = []
        for path in options.within { within.append(try IntentPath(path)) }
        var exclude: [ExemplarID] = []
        for id in options.exclude {
            guard let bits = Bits128(hex: id) else { throw .invalid("an exemplar id is 32 hexadecimal digits") }
            exclude.append(ExemplarID(bits))
        }
        self.init(
            text: try UtteranceText(text),
            verticals: verticals,
            llm: options.llm.flatMap { LLMMode(rawValue: $0.rawValue) },
            requestID: options.requestID.map { Array($0.utf8) } ?? [],
            within: within,
            evidence: options.evidence,
            isExact: options.exact,
            minPosition: minPosition,
            exclude: exclude,
        )
    }
}
