using Microsoft.Extensions.Logging;
using Ztunnel.State;

namespace Ztunnel.Policy;

/// <summary>
/// Decides whether a workload accepts a connection. Asked once per HBONE stream and per plaintext connection, and
/// again for every live one when policies or the workload change. Without policies it only counts to zero.
/// </summary>
/// <param name="level">Of the lines that explain decisions: Debug, or Information on request.</param>
internal sealed class PolicyEngine(ILogger logger, LogLevel level)
{
    public const string NoneAllowed = "allow policies exist, but none allowed";

    /// <param name="workload">The destination: only its own proxy evaluates.</param>
    public PolicyVerdict Evaluate(MeshSnapshot mesh, Workload workload, in PolicyConnection connection)
    {
        PolicyIndex policies = mesh.Policies;
        if (policies.Count == 0 && workload.AuthorizationPolicies.Length == 0 && !logger.IsEnabled(level))
        {
            return PolicyVerdict.Allowed;
        }

        WarnOfUnknown(policies, workload);
        var relevant = new WorkloadPolicies(policies, workload);
        foreach (Authorization policy in relevant)
        {
            if (policy is { Action: PolicyAction.Deny, IsDryRun: true } && PolicyMatcher.Matches(policy, in connection))
            {
                logger.DryRunDenyMatch(level, policy.Key);
            }
        }

        foreach (Authorization policy in relevant)
        {
            if (policy is { Action: PolicyAction.Deny, IsDryRun: false } && PolicyMatcher.Matches(policy, in connection))
            {
                logger.DenyMatch(level, policy.Key);
                return PolicyVerdict.Refused($"explicitly denied by: {policy.Key}");
            }
        }

        return EvaluateAllow(relevant, in connection);
    }

    private PolicyVerdict EvaluateAllow(WorkloadPolicies relevant, in PolicyConnection connection)
    {
        bool hasEnforced = false;
        bool hasDryRun = false;
        bool hasDryRunMatch = false;
        Authorization? enforcedMatch = null;
        foreach (Authorization policy in relevant)
        {
            if (policy.Action != PolicyAction.Allow)
            {
                continue;
            }

            bool matches = (policy.IsDryRun || enforcedMatch is null) && PolicyMatcher.Matches(policy, in connection);
            if (!policy.IsDryRun)
            {
                hasEnforced = true;
                enforcedMatch ??= matches ? policy : null;
                continue;
            }

            hasDryRun = true;
            if (matches)
            {
                hasDryRunMatch = true;
                logger.DryRunAllowMatch(level, policy.Key);
            }
        }

        if (!hasEnforced && hasDryRun && !hasDryRunMatch)
        {
            logger.DryRunNoAllowMatch(level);
        }

        return Conclude(hasEnforced, enforcedMatch);
    }

    private PolicyVerdict Conclude(bool hasEnforced, Authorization? match)
    {
        if (!hasEnforced)
        {
            logger.NoAllowPolicies(level);
            return PolicyVerdict.Allowed;
        }

        if (match is not null)
        {
            logger.AllowMatch(level, match.Key);
            return PolicyVerdict.Allowed;
        }

        logger.NoAllowMatched(level);
        return PolicyVerdict.Refused(NoneAllowed);
    }

    private void WarnOfUnknown(PolicyIndex policies, Workload workload)
    {
        foreach (string key in workload.AuthorizationPolicies)
        {
            if (policies.Find(key) is null)
            {
                logger.UnknownPolicy(key);
            }
        }
    }
}
