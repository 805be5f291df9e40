internal import Foundation

/// 1 / (1 + e^-x).
func logistic(_ logit: Double) -> Double {
    logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit))
}

/// The inverse of `logistic`, with probabilities kept from 0 and 1.
func logit(_ probability: Double) -> Double {
    let kept = min(max(probability, 1e-6), 1 - 1e-6)
    return log(kept / (1 - kept))
}
