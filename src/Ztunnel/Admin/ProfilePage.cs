using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ztunnel.Admin;

/// <summary>
/// <c>/debug/pprof/*</c>. Neither profiler exists in a Native AOT process; parameters are checked as the contract says,
/// and the rest is said plainly rather than answered with an empty profile. <c>perf record -g</c> on the node sees all.
/// </summary>
internal static class ProfilePage
{
    public static Task AnswerAsync(HttpContext http)
    {
        switch (http.Request.Path.Value)
        {
            case "/debug/pprof/profile" when !IsWithin(http, "seconds", 300):
                return Refuse(http, "invalid seconds value; expected 1-300\n");
            case "/debug/pprof/profile" when !IsWithin(http, "frequency", 1000):
                return Refuse(http, "invalid frequency value; expected 1-1000\n");
            case "/debug/pprof/profile":
                return http.Response.TextAsync(StatusCodes.Status501NotImplemented,
                    "CPU profiles are not supported by this build; "
                    + "use perf on the node (symbols are in ztunnel.dbg)\n");
            default:
                return http.Response.TextAsync(StatusCodes.Status500InternalServerError,
                    "heap profiling is not supported by this build; see the ztunnel_gc_* metrics on the stats port\n");
        }
    }

    private static Task Refuse(HttpContext http, string text) =>
        http.Response.TextAsync(StatusCodes.Status400BadRequest, text);

    private static bool IsWithin(HttpContext http, string parameter, int most) =>
        !http.Request.Query.TryGetValue(parameter, out var value)
        || (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= 1 && number <= most);
}
