internal import Core
internal import Foundation
internal import Models
internal import RemoteEngines

/// Looks at the models that are files: there, right by their SHA-256 where a table says what is right, and of use to llama.cpp on this
/// CPU.
///
/// To be run in a process of its own: llama.cpp built for another CPU ends it by a signal. Blocks.
package struct ModelChecks {
    private static let sample = "hello, i am calling because my parcel has not arrived yet"

    private let paths: ModelPaths
    private let roles: Set<NodeRole>
    /// Digest by file name.
    private let table: [String: String]

    /// - Parameter table: `deploy/models.sha256`; nil: there is none.
    package init(_ configuration: NodeConfiguration, table: String?) {
        paths = configuration.models
        roles = configuration.roles
        self.table = table.map(Self.digests) ?? [:]
    }

    /// - Parameters:
    ///   - measuresSpeed: encodes for a second with each quantisation that is there.
    ///   - tell: gets each result as soon as it is there.
    package func run(measuresSpeed: Bool, _ tell: (DoctorCheck) -> Void) {
        let backend = LlamaBackend()
        if roles.contains(.retriever), let encoder = paths.encoder, !EngineAddress.isMeant(by: encoder) {
            let isFile = encoder != WordEncoder.name
            tell(isFile ? checkEncoder(encoder, backend) : .ok("encoder", "words by themselves, without a model"))
            if measuresSpeed, isFile {
                for file in Self.quantisations(of: encoder) {
                    if let speed = measure(file, backend) { tell(speed) }
                }
            }
        }
        guard roles.contains(.scorer) else { return }
        if let scorer = paths.scorer {
            if !EngineAddress.isMeant(by: scorer) { tell(checkScorer(scorer, backend)) }
        } else {
            tell(
                .warning(
                    "language model",
                    "none is installed: answers are decided by retrieval alone",
                    remedy: "run deploy/setup, or say --scorer none where that is meant"
                )
            )
        }
    }

    private func checkEncoder(_ path: String, _ backend: LlamaBackend) -> DoctorCheck {
        let name = "encoder"
        do throws(SwitchboardError) {
            let digest = try check(path, kind: .encoder)
            let model = try EncoderModel(path: path, backend: backend)
            let context = try model.makeContext()
            _ = try context.encode([Self.sample])
            let started = ContinuousClock.now
            let vectors = try context.encode([Self.sample])
            let took = (ContinuousClock.now - started).milliseconds
            guard let vector = vectors.first?.vector, vector.allSatisfy(\.isFinite) else {
                return .problem(name, "\(path) gives no vector", remedy: Self.setup)
            }
            return .ok(
                name,
                "\(path) loads, id \(model.id.short), \(digest), \(vector.count) numbers a vector, a sentence in "
                    + String(format: "%.1f ms", took)
            )
        } catch {
            return Self.explained(name, error)
        }
    }

    private func checkScorer(_ path: String, _ backend: LlamaBackend) -> DoctorCheck {
        let name = "language model"
        do throws(SwitchboardError) {
            let digest = try check(path, kind: .scorer)
            let model = try ScorerModel(
                path: path,
                adapterPath: paths.adapter,
                namerPath: paths.namer,
                backend: backend
            )
            let adapter = model.adapter.map { ", with the adapter \($0.short)" } ?? ", without an adapter"
            return .ok(name, "\(path) loads, id \(model.baseModel.short), \(digest)\(adapter)")
        } catch {
            return Self.explained(name, error)
        }
    }

    /// - Returns: what is to be said of the digest.
    private func check(_ path: String, kind: ModelFile.Kind) throws(SwitchboardError) -> String {
        let file = try ModelFile(path: path, kind: kind)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let found = hexadecimal(file.digest)
        guard let right = table[name] else { return "SHA-256 \(found.prefix(12))..." }
        guard found == right else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(path) is not the file that belongs here (SHA-256 \(found.prefix(12))..., it should be "
                    + "\(right.prefix(12))...)"
            )
        }
        return "SHA-256 right"
    }

    private func measure(_ path: String, _ backend: LlamaBackend) -> DoctorCheck? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        do throws(SwitchboardError) {
            let context = try EncoderModel(path: path, backend: backend).makeContext()
            let started = ContinuousClock.now
            var texts = 0
            var tokens = 0
            while ContinuousClock.now - started < .seconds(1) {
                for encoded in try context.encode([Self.sample]) {
                    texts += 1
                    tokens += encoded.tokens
                }
            }
            let seconds = (ContinuousClock.now - started).seconds
            return .ok(
                "speed",
                "\(name): \(Int(Double(texts) / seconds)) sentences/s and \(Int(Double(tokens) / seconds)) tokens/s on one thread"
            )
        } catch {
            return Self.explained("speed", error)
        }
    }

    /// The encoder and its siblings of other quantisations, by the part of the name before the last but one dot.
    private static func quantisations(of encoder: String) -> [String] {
        let folder = (encoder as NSString).deletingLastPathComponent
        let stem = (encoder as NSString).lastPathComponent.split(separator: ".").dropLast(2).joined(separator: ".")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(stem + ".") && $0.hasSuffix(".gguf") }.sorted().map { "\(folder)/\($0)" }
    }

    private static let setup = "run deploy/setup, which installs the models and checks them"

    private static func explained(_ name: String, _ error: SwitchboardError) -> DoctorCheck {
        switch error.code {
        case .resourceExhausted: .problem(name, error.message, remedy: "free some memory")
        default: .problem(name, error.message, remedy: setup)
        }
    }

    /// `digest  name` a line, as sha256sum writes them; other lines are passed over.
    static func digests(_ table: String) -> [String: String] {
        var digests: [String: String] = [:]
        for line in table.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            if parts.count == 2, parts[0].count == 64 { digests[String(parts[1])] = String(parts[0]) }
        }
        return digests
    }
}
