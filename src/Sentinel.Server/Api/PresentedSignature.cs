using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Outbound;

namespace Sentinel.Server.Api;

/// <summary>The signature of a request that has no credential: both of its headers.</summary>
public sealed record PresentedSignature(string Time, string Signature)
    : IEndpointParameterMetadataProvider
{
    const int CharsMax = 200;

    /// <exception cref="CredentialRefusedException">There is none: the answer is 401.</exception>
    public static ValueTask<PresentedSignature> BindAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var time = headers[ConnectorSignature.TimeHeader].ToString();
        var signature = headers[ConnectorSignature.SignatureHeader].ToString();
        return time.Length is > 0 and <= CharsMax && signature.Length is > 0 and <= CharsMax
            ? ValueTask.FromResult(new PresentedSignature(time, signature))
            : throw new CredentialRefusedException(
                $"no signature: send {ConnectorSignature.TimeHeader} and {ConnectorSignature.SignatureHeader}"
            );
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status401Unauthorized));
}
