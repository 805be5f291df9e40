import ArgumentParser
import Core

extension DiscoverySettings.Method: ExpressibleByArgument {}
extension DiscoverySettings.JudgeKind: ExpressibleByArgument {}
extension DiscoverySettings.Cut: ExpressibleByArgument {}
