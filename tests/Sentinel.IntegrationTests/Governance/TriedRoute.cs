using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>A route as the running server has it, and a request to it that a handler would answer.</summary>
sealed record TriedRoute(string Method, string Path, RouteEndpoint Endpoint)
{
    public static IReadOnlyList<TriedRoute> Of(WebApplication app) =>
        [
            .. ((IEndpointRouteBuilder)app)
                .DataSources.SelectMany(source => source.Endpoints)
                .OfType<RouteEndpoint>()
                .SelectMany(endpoint =>
                    endpoint
                        .Metadata.GetMetadata<HttpMethodMetadata>()!
                        .HttpMethods.Select(method => new TriedRoute(
                            method,
                            endpoint.RoutePattern.RawText!,
                            endpoint
                        ))
                ),
        ];

    public bool NamesSomething => Endpoint.RoutePattern.Parameters.Count > 0;

    /// <summary>With the id in every place where one fits: path, query and body.</summary>
    public HttpRequestMessage With(Guid id)
    {
        var path = Endpoint.RoutePattern.Parameters.Aggregate(
            Path,
            (filled, part) =>
                System.Text.RegularExpressions.Regex.Replace(
                    filled,
                    @"\{" + part.Name + @"(:[^}]*)?\}",
                    Word(TypeOf(part.Name), id)
                )
        );
        var request = new HttpRequestMessage(new HttpMethod(Method), path + Query(id));
        foreach (
            var header in Handler.Where(part =>
                part.GetCustomAttribute<FromHeaderAttribute>() is not null
            )
        )
            request.Headers.Add(
                header.GetCustomAttribute<FromHeaderAttribute>()!.Name!,
                Guid.CreateVersion7().ToString()
            );
        if (Endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } body)
            request.Content =
                body == typeof(Stream)
                    ? new StringContent("one line", Encoding.UTF8, "application/octet-stream")
                    : new StringContent(
                        Value(body, id)!.ToJsonString(),
                        Encoding.UTF8,
                        "application/json"
                    );
        else if (Handler.Any(part => part.ParameterType == typeof(Stream)))
            request.Content = new StringContent(
                "one line",
                Encoding.UTF8,
                "application/octet-stream"
            );
        return request;
    }

    ParameterInfo[] Handler => Endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [];

    Type TypeOf(string name) =>
        Handler.FirstOrDefault(part => part.Name == name)?.ParameterType ?? typeof(string);

    string Query(Guid id)
    {
        var asked = Handler
            .Where(part =>
                Endpoint.RoutePattern.GetParameter(part.Name!) is null
                && part.GetCustomAttribute<FromHeaderAttribute>() is null
                && (
                    part.ParameterType == typeof(string)
                    || part.ParameterType == typeof(Guid)
                    || Nullable.GetUnderlyingType(part.ParameterType) == typeof(Guid)
                )
                && new NullabilityInfoContext().Create(part).WriteState != NullabilityState.Nullable
            )
            .Select(part => $"{part.Name}={Word(part.ParameterType, id)}");
        var text = string.Join('&', asked);
        return text.Length == 0 ? "" : "?" + text;
    }

    /// <summary>As it stands in an address, without the quotes of JSON.</summary>
    static string Word(Type type, Guid id) => Value(type, id)!.ToJsonString().Trim('"');

    /// <summary>Something of the type that a handler accepts; every id is the one that is tried.</summary>
    static JsonNode? Value(Type type, Guid id)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Guid))
            return JsonValue.Create(id);
        if (type == typeof(string))
            return JsonValue.Create("word");
        if (type == typeof(bool))
            return JsonValue.Create(true);
        if (type == typeof(DateTimeOffset))
            return JsonValue.Create(DateTimeOffset.UnixEpoch);
        if (type == typeof(JsonObject))
            return new JsonObject();
        if (type.IsEnum)
            return JsonValue.Create(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(Enum.GetNames(type)[0])
            );
        if (type.IsPrimitive)
            return JsonValue.Create(1);
        if (
            type.IsGenericType
            && type.GetGenericArguments() is [var element]
            && type != typeof(string)
        )
            return new JsonArray(Value(element, id));
        var made = new JsonObject();
        foreach (
            var part in type.GetConstructors()
                .MaxBy(one => one.GetParameters().Length)!
                .GetParameters()
        )
            made[JsonNamingPolicy.SnakeCaseLower.ConvertName(part.Name!)] = Value(
                part.ParameterType,
                id
            );
        return made;
    }
}
