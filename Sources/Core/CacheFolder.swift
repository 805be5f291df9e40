/// Where `deploy/setup` puts what can be made again: libraries, models.
package enum CacheFolder {
    /// `$SWITCHBOARD_CACHE`, else `$XDG_CACHE_HOME/switchboard`, else `~/.cache/switchboard`.
    package static func path(environment: [String: String]) -> String {
        if let cache = environment["SWITCHBOARD_CACHE"], !cache.isEmpty { return cache }
        if let base = environment["XDG_CACHE_HOME"], !base.isEmpty { return base + "/switchboard" }
        return (environment["HOME"] ?? "") + "/.cache/switchboard"
    }
}
