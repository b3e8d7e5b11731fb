// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Replays.Recorded;

/**
 * A message to replay: the id of its upload, and the envelope and session that are made up for it.
 *
 * @param file the id of the upload
 * @param sender the reverse-path; empty for the null reverse-path
 * @param recipients the forward-paths
 * @param peer the address of the client; by default 127.0.0.1
 * @param helo what EHLO says; by default the address of the client as a literal
 * @param listener the name of the listener; by default {@code mx}
 * @param profile the profile of the listener; by default {@code mx}
 * @param trusted whether the client is in the trusted networks
 * @param user the authenticated identity, or empty
 * @param tls protocol and cipher, or empty
 */
record ReplayMessage(
        @JsonProperty("file") @Nullable String file,
        @JsonProperty("sender") @Nullable String sender,
        @JsonProperty("recipients") @Nullable List<String> recipients,
        @JsonProperty("peer") @Nullable String peer,
        @JsonProperty("helo") @Nullable String helo,
        @JsonProperty("listener") @Nullable String listener,
        @JsonProperty("profile") @Nullable String profile,
        @JsonProperty("trusted") @Nullable Boolean trusted,
        @JsonProperty("user") @Nullable String user,
        @JsonProperty("tls") @Nullable String tls) {
    /** Nothing that a resolver would be asked for. */
    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /** The upload that is meant. */
    String upload() throws Problem {
        if (file == null || recipients == null || recipients.isEmpty()) {
            throw Problem.badRequest("A message has a 'file', the id of an upload, and 'recipients'");
        }
        return file;
    }

    Recorded recorded(Eml eml, Map<String, String> verdicts) throws Problem {
        InetAddress client = client(or(peer, "127.0.0.1"));
        List<String> paths = recipients == null ? List.of() : recipients;
        return new Recorded(
                "",
                new Pipeline.Facts(
                        "replay",
                        or(listener, "mx"),
                        or(profile, "mx"),
                        new InetSocketAddress(client, 0),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 25),
                        or(tls, ""),
                        trusted != null && trusted),
                or(helo, "[" + client.getHostAddress() + "]"),
                true,
                or(tls, ""),
                or(user, ""),
                Sender.of(Address.of(bare(or(sender, "")))),
                paths.stream()
                        .map(recipient -> Recipient.of(Address.of(bare(recipient))))
                        .toList(),
                eml.head(),
                eml.body(),
                Map.of(),
                verdicts);
    }

    private static InetAddress client(String text) throws Problem {
        if (LITERAL.matcher(text).matches()) {
            try {
                return InetAddress.getByName(text);
            } catch (UnknownHostException e) {
                throw Problem.badRequest("'peer' is no IP address: " + text);
            }
        }
        throw Problem.badRequest("'peer' is no IP address: " + text);
    }

    private static String or(@Nullable String text, String otherwise) {
        return text == null || text.isBlank() ? otherwise : text.strip();
    }

    private static String bare(String path) {
        return path.startsWith("<") && path.endsWith(">") ? path.substring(1, path.length() - 1) : path;
    }
}
