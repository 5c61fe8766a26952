using System.Net.Http.Headers;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Sentinel.Postgres.Access;

namespace Sentinel.Server.Api;

/// <summary>
/// The credential of a request: the bearer token of its Authorization header, else that of a browser's
/// session, and nothing else. No body, query or other header can name an actor.
/// </summary>
public sealed record PresentedCredential(Secret Secret) : IEndpointParameterMetadataProvider
{
    internal const int SecretCharsMax = 512;

    /// <exception cref="CredentialRefusedException">There is none: the answer is 401.</exception>
    public static ValueTask<PresentedCredential> BindAsync(HttpContext context)
    {
        if (
            AuthenticationHeaderValue.TryParse(
                context.Request.Headers.Authorization,
                out var header
            )
            && string.Equals(header.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase)
            && header.Parameter is { Length: > 0 and <= SecretCharsMax } value
        )
            return ValueTask.FromResult(new PresentedCredential(new Secret(value)));
        if (BrowserSession.Token(context) is { } signedIn)
            return ValueTask.FromResult(new PresentedCredential(signedIn));
        throw new CredentialRefusedException(
            "no credential: send your token in the header 'Authorization: Bearer …'"
        );
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status401Unauthorized));
}
