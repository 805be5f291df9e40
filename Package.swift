// swift-tools-version: 6.2
import PackageDescription

// Every target and what it may import, from the values at the bottom to the command at the top. Imports go down only.
// SWITCHBOARD_STRICT=1 makes warnings errors, in the project's own targets only.
let strictness: [SwiftSetting] =
    Context.environment["SWITCHBOARD_STRICT"] == nil ? [] : [.unsafeFlags(["-warnings-as-errors"])]
let swiftSettings: [SwiftSetting] =
    strictness + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]

func swift(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hashTrees: Target.Dependency = .product(name: "HashTreeCollections", package: "swift-collections")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let zeromq = Target.systemLibrary(
    name: "CZeroMQ",
    pkgConfig: "libzmq",
    providers: [.apt(["libzmq3-dev"])]
)
let protobufC = Target.systemLibrary(
    name: "CProtobufC",
    pkgConfig: "libprotobuf-c",
    providers: [.apt(["libprotobuf-c-dev"])]
)
// deploy/setup builds llama.cpp into the cache; source the cache's env.sh before `swift build`.
let llama = Target.systemLibrary(name: "CLlama", pkgConfig: "llama")

let everyTarget: [Target] = [
    // C and C++, each imported by one target.
    zeromq,
    protobufC,
    llama,
    // Optimised in debug builds too, where tests would wait for unoptimised vector loops.
    .target(
        name: "CHNSW",
        cSettings: [.unsafeFlags(["-O2"])],
        cxxSettings: [.unsafeFlags(["-O2"]), .define("NDEBUG")]
    ),
    .target(name: "CGaussian", cSettings: [.unsafeFlags(["-O2"])]),
    .target(name: "CBareEcho", dependencies: ["CZeroMQ"]),
    .target(name: "SwitchboardProtos", dependencies: ["CProtobufC"]),

    // Values and rules without input or output.
    swift("Core", [crypto]),
    swift("Datasets", ["Core", yams]),

    // One Swift wrapper a library.
    swift("Wire", ["Core", "CProtobufC", "SwitchboardProtos"]),
    swift("Messaging", ["Core", "CZeroMQ"]),
    swift("Index", ["Core", "Wire", "CHNSW", "CGaussian", hashTrees]),
    swift("Models", ["Core", "CLlama", logging]),
    // Encoders and language models on servers elsewhere.
    swift("RemoteEngines", ["Core", "Models", asyncHTTPClient, nioCore, nioHTTP1, logging]),
    swift("UpdateStore", ["Core", "Wire", grdb]),
    // Neighbourhoods and partitions of vectors.
    swift("Clustering", ["Core", "Index"]),

    // Calls over messages.
    swift("Calls", ["Core", "Wire", "Messaging", logging]),
    swift("SwitchboardClient", ["Core", "Wire", "Messaging", "Calls"]),

    // The ways of the data.
    swift("Updating", ["Core", "Wire", "Calls", "Index", "UpdateStore", "SwitchboardClient", logging]),
    swift("Routing", ["Core", "Wire", "Calls", "Index", "Models", "Updating", logging]),

    swift(
        "Discovering",
        ["Core", "Wire", "Calls", "Clustering", "Models", "UpdateStore", "SwitchboardClient", logging]
    ),

    // What a node says of itself over HTTP.
    swift(
        "Monitoring",
        ["Core", hummingbird, hummingbirdCore, httpTypes, nioCore, nioPosix, lifecycle, logging, coreMetrics]
    ),

    // A node of chosen roles, what is measured on it, and the command.
    swift(
        "Node",
        [
            "Core", "Wire", "Messaging", "Calls", "Index", "Models", "RemoteEngines", "UpdateStore", "Updating",
            "Routing", "Clustering", "Discovering",
            "Monitoring", lifecycle, unixSignals, logging,
        ]
    ),
    swift(
        "Evaluating",
        [
            "Core", "Datasets", "Wire", "Messaging", "Calls", "Index", "Models", "Updating", "Routing", "Node",
            "SwitchboardClient", "Clustering", "Discovering", "CBareEcho", histogram, logging,
        ]
    ),
    tool(
        "switchboard",
        [
            "Core", "Datasets", "Wire", "Messaging", "Calls", "Models", "RemoteEngines", "UpdateStore", "Updating",
            "Node", "Discovering", "Evaluating", "SwitchboardClient", argumentParser, configuration, logging,
            systemPackage, yams,
        ]
    ),

    // Tests, from values to whole nodes.
    tests("CoreTests", ["Core"]),
    tests("DatasetsTests", ["Datasets", "Core"]),
    tests("WireTests", ["Wire", "Core", "CProtobufC", "SwitchboardProtos"]),
    tests("IndexTests", ["Index", "Core"]),
    tests("ModelsTests", ["Models", "Core"]),
    tests("ClusteringTests", ["Clustering", "Core"]),
    tests(
        "DiscoveringTests",
        ["Discovering", "Clustering", "Models", "UpdateStore", "Calls", "Messaging", "Wire", "Core", logging]
    ),
    // A model server that answers as it is told.
    .target(
        name: "TestEngines",
        dependencies: [nioCore, nioHTTP1, nioPosix],
        path: "Tests/Tools/test-engines",
        swiftSettings: swiftSettings
    ),
    tests("RemoteEnginesTests", ["RemoteEngines", "TestEngines", "Models", "Core", logging]),
    // Killed, traced and measured by the log's tests.
    .executableTarget(
        name: "log-writer",
        dependencies: ["UpdateStore", "Core"],
        path: "Tests/Tools/log-writer",
        swiftSettings: swiftSettings
    ),
    tests("UpdateStoreTests", ["UpdateStore", "Wire", "Core", "log-writer", grdb]),
    tests("CallsTests", ["Calls", "Messaging", "Wire", "Core"]),
    tests("MonitoringTests", ["Monitoring", "Core", lifecycle, logging, coreMetrics]),
    tests("UpdatingTests", ["Updating", "UpdateStore", "Index", "Calls", "Messaging", "Wire", "Core", logging]),
    tests("RoutingTests", ["Routing", "Updating", "Models", "Index", "Calls", "Messaging", "Wire", "Core", logging]),
    tests(
        "EvaluatingTests",
        ["Evaluating", "Node", "Models", "Datasets", "SwitchboardClient", "Clustering", "Discovering", "Core"]
    ),
    tests(
        "CommandTests",
        [
            "switchboard", "Evaluating", "Node", "SwitchboardClient", "UpdateStore", "Datasets", "Calls", "Messaging",
            "Wire", "Core", argumentParser, logging,
        ]
    ),
    tests(
        "NodeTests",
        [
            "Node", "UpdateStore", "Updating", "TestEngines", "SwitchboardClient", "Calls", "Messaging", "Wire", "Core",
            logging,
        ]
    ),
]

// SWITCHBOARD_ONLY=IndexTests builds the targets named (comma separated) and what they need, and nothing else: for a
// build under a sanitizer, or for work on one part.
let only = Context.environment["SWITCHBOARD_ONLY"].map { $0.split(separator: ",").map(String.init) }

func needed(by names: [String], in everyTarget: [Target]) -> Set<String> {
    var reached: Set<String> = []
    var waiting = names
    while let name = waiting.popLast() {
        guard reached.insert(name).inserted, let target = everyTarget.first(where: { $0.name == name }) else {
            continue
        }
        for case .byNameItem(let dependency, _) in target.dependencies { waiting.append(dependency) }
    }
    return reached
}

func packages(of targets: [Target]) -> Set<String> {
    var names: Set<String> = []
    for target in targets {
        for case .productItem(_, let package?, _, _) in target.dependencies { names.insert(package) }
    }
    return names
}

let chosen = only.map { needed(by: $0, in: everyTarget) }
let targets = everyTarget.filter { chosen?.contains($0.name) ?? true }
let usedPackages = packages(of: targets)

let everyPackage: [(name: String, dependency: Package.Dependency)] = [
    ("async-http-client", .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0")),
    ("swift-argument-parser", .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")),
    (
        "swift-configuration",
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: ["JSON", "YAML"])
    ),
    ("swift-collections", .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0")),
    ("swift-crypto", .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")),
    ("GRDB.swift", .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0")),
    ("hdrhistogram-swift", .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0")),
    ("hummingbird", .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1")),
    ("swift-http-types", .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: [])),
    ("swift-log", .package(url: "https://github.com/apple/swift-log", exact: "1.16.2")),
    ("swift-metrics", .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0")),
    ("swift-nio", .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2")),
    (
        "swift-service-lifecycle",
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0")
    ),
    ("swift-system", .package(url: "https://github.com/apple/swift-system", exact: "1.8.1")),
    ("Yams", .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2")),
]

let package = Package(
    name: "switchboard",
    products: targets.contains { $0.name == "SwitchboardClient" }
        ? [.library(name: "SwitchboardClient", targets: ["SwitchboardClient"])] : [],
    dependencies: everyPackage.filter { usedPackages.contains($0.name) }.map(\.dependency),
    targets: targets,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)
