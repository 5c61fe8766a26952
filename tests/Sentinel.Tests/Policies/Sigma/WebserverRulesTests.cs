using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Policies.Sigma;
using Sentinel.Policies.Store;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>Rules about web servers find the same in the W3C's format and in what our sources read.</summary>
public sealed class WebserverRulesTests
{
    const string Rule = """
        title: Union
        logsource: {category: webserver}
        detection:
            selection:
                cs-method: GET
                cs-uri-query|contains: ['union%20select', 'or%201=1']
            error:
                sc-status: [400, '500']
            tool:
                cs-user-agent|startswith: sqlmap
            filter:
                cs-user-agent: null
            condition: selection and (error or tool) and not filter
        level: high
        """;

    static readonly Policy policy = Import();

    [Theory]
    [InlineData("GET", "/a?q=1+union%20select+2", 500, "curl/8", true)]
    [InlineData("GET", "/a?q=1+union%20select+2", 200, "sqlmap/1.7", true)]
    [InlineData("get", "/a?q=OR%201=1", 400, "curl/8", true)]
    [InlineData("GET", "/a?q=1+union%20select+2", 200, "curl/8", false)]
    [InlineData("POST", "/a?q=1+union%20select+2", 500, "curl/8", false)]
    [InlineData("GET", "/a?q=1", 500, "sqlmap/1.7", false)]
    public void The_same_request_is_found_in_every_format(
        string method,
        string url,
        int status,
        string agent,
        bool hits
    )
    {
        string[] lines =
        [
            $$"""{"date":"2026-11-23","time":"08:00:00","cs-method":"{{method}}","cs-uri-stem":"/a","cs-uri-query":"{{url[3..]}}","sc-status":{{status}},"cs-user-agent":"{{agent}}"}""",
            $"""198.51.100.9 - - [23/Nov/2026:08:00:00 +0000] "{method} {url} HTTP/1.1" {status} 17 "-" "{agent}" """.Trim(),
            $$"""{"remote_addr":"198.51.100.9","status":{{status}},"request_uri":"{{url}}","request_method":"{{method}}","http_user_agent":"{{agent}}","time_iso8601":"2026-11-23T08:00:00Z"}""",
        ];

        Assert.All(lines.Skip(1), line => Assert.Equal(hits, Found(line)));
        Assert.True(!hits || lines.Any(Found));
    }

    static bool Found(string line) =>
        Siem.Some.Hits(policy, line).Any(hit => hit.RuleName == "some");

    static Policy Import()
    {
        var import = ImportSigma.Run([new SigmaFile("some.yml", Rule)]);
        var load = Policy.Load(
            [.. import.Texts, .. ShippedPolicies.Texts],
            EventFields.CreateTable()
        );
        return load is PolicyLoad.Loaded loaded
            ? loaded.Policy
            : throw new InvalidOperationException(
                string.Join('\n', ((PolicyLoad.Rejected)load).Diagnostics)
            );
    }
}
