import Core
import Datasets
import SwitchboardClient

/// Streams a file's pairs into a node, shows how far it is, and keeps account for the report.
struct LoadRun: Sendable {
    /// Why a load ended early.
    enum Problem: Error {
        case badRow(DatasetError, nextLine: Int?)
        case node(ClientError)
        case interrupted
    }

    let source: PairSource
    let options: PublishOptions
    let advice: ResumeAdvice
    var failureAdvice = FailureAdvice.alone

    /// - Returns: what went in, and what kept the rest out.
    func run(_ client: SwitchboardClient, _ interrupt: Interrupt) async throws -> (LoadReport, CommandFailure?) {
        let file = try source.open()
        let publisher = try client.publisher(options)
        var report = LoadReport(
            file: source.location.description,
            format: file.format.rawValue,
            changeID: publisher.changeID
        )
        let began = ContinuousClock.now
        var progress = LoadProgress(lines: LineCount.of(source.location.path), firstLine: source.fromLine, at: began)
        var line = ProgressLine()
        var lastLine = source.fromLine
        var nextLine: Int?
        var problem: Problem?

        func take(_ receipts: [PublishReceipt]) {
            for receipt in receipts { report.add(receipt) }
            let acknowledged = publisher.firstUnacknowledged.map { $0 - 1 } ?? lastLine
            if !receipts.isEmpty {
                progress.note(pairs: publisher.totals.pairs, line: acknowledged, at: .now)
            }
            line.show { progress.text(at: .now, withBar: Terminal.isInteractive) }
        }

        func finish() async throws(ClientError) {
            take(try await publisher.flushLast())
            while let receipt = try await publisher.next() { take([receipt]) }
            _ = try await publisher.finish()
        }

        do {
            while let (exemplar, number) = try Self.next(of: file) {
                guard !interrupt.isRaised else {
                    nextLine = number
                    throw Problem.interrupted
                }
                lastLine = number
                take(try await publisher.send(exemplar, number: number))
            }
            try await finish()
        } catch Problem.badRow(let error, let next) {
            problem = .badRow(error, nextLine: next)
            do {
                try await finish()
            } catch {
                // The row that is wrong comes again when the load goes on.
                problem = .node(error)
            }
        } catch Problem.interrupted {
            problem = .interrupted
            line.clear()
            Terminal.note("finishing what was sent; Ctrl-C again stops at once")
            do {
                while let receipt = try await publisher.next() { take([receipt]) }
            } catch {
                problem = .node(error)
            }
        } catch let error as ClientError {
            problem = .node(error)
        }
        await publisher.cancel()
        line.clear()
        report.take(publisher.totals)
        report.notes = file.notes.sentences
        report.seconds = (ContinuousClock.now - began).milliseconds.rounded() / 1e3
        let failure = problem.map { explain($0, from: publisher.firstUnacknowledged ?? nextLine, &report) }
        return (report, failure)
    }

    private static func next(of file: PairFile) throws -> (exemplar: Exemplar, number: Int)? {
        do {
            return try file.next()
        } catch {
            // Where the row after it begins only the reader knows.
            let next = try? file.next()
            throw Problem.badRow(error, nextLine: next?.number)
        }
    }

    static func concernsTheKey(_ error: ClientError) -> Bool {
        switch StatusCode(rawValue: error.code) {
        case .permissionDenied, .unauthenticated: true
        default: false
        }
    }

    /// Words for a load that ended early: what is wrong, how many went in, how to go on.
    private func explain(_ problem: Problem, from line: Int?, _ report: inout LoadReport) -> CommandFailure {
        let sent = "\(report.sent), before that"
        switch problem {
        case .badRow(let error, let nextLine):
            let isWhole = error.file == source.location.path
            report.problem = .init(file: error.file, line: error.line, reason: error.reason)
            report.resume = advice.command(fromLine: isWhole ? error.line : nil)
            return CommandFailure(
                "\(error)\n\(sent).\n"
                    + advice.afterBadRow(
                        line: isWhole ? error.line : nil,
                        nextLine: isWhole ? nextLine : nil,
                        isLast: isWhole && error.line != nil && error.line == LineCount.of(source.location.path)
                    )
            )
        case .node(let error) where error.status != StatusCode.cancelled.description:
            let failure = CommandFailure(error, advice: failureAdvice)
            report.problem = .init(file: nil, line: line, reason: error.description)
            // The same command would be refused again.
            guard !Self.concernsTheKey(error) else {
                return CommandFailure("\(failure.message)\n\(sent).", exitCode: failure.exitCode)
            }
            report.resume = advice.command(fromLine: source.isFolder ? nil : line)
            return CommandFailure(
                "\(failure.message)\n\(sent). Go on with:\n  \(report.resume ?? "")",
                exitCode: failure.exitCode
            )
        case .interrupted, .node:
            report.problem = .init(file: nil, line: line, reason: "interrupted")
            report.resume = advice.command(fromLine: source.isFolder ? nil : line)
            return CommandFailure(
                "Interrupted. \(report.sent). Go on with:\n  \(report.resume ?? "")"
            )
        }
    }
}
