// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.Replays.Recorded;
import org.posthouse.pipeline.trace.Json;

/**
 * A recorded transaction as one line of JSON, as it stands in {@code <dataDir>/recordings/}, and a message from a file as a
 * recorded transaction. Keys are the names of the fields of {@link Recorded}; the body is in base64.
 */
public final class RecordedJson {
    private RecordedJson() {}

    /** The line, without its end; ASCII. */
    public static String write(Recorded recorded) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("id", recorded.id());
        all.put("facts", facts(recorded.facts()));
        all.put("helo", recorded.helo());
        all.put("extended", recorded.extended());
        all.put("tls", recorded.tls());
        all.put("user", recorded.user());
        all.put("sender", sender(recorded.sender()));
        all.put(
                "recipients",
                recorded.recipients().stream().map(RecordedJson::recipient).toList());
        all.put("head", recorded.head());
        byte[] body = recorded.body();
        all.put("body", body == null ? null : Base64.getEncoder().encodeToString(body));
        all.put("dns", new TreeMap<>(recorded.dns()));
        all.put("verdicts", new TreeMap<>(recorded.verdicts()));
        return Json.write(all);
    }

    private static Map<String, Object> facts(Pipeline.Facts facts) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("session", facts.session());
        map.put("listener", facts.listener());
        map.put("profile", facts.profile());
        map.put("peer", host(facts.peer()));
        map.put("peerPort", facts.peer().getPort());
        map.put("local", host(facts.local()));
        map.put("localPort", facts.local().getPort());
        map.put("tls", facts.tls());
        map.put("trusted", facts.trusted());
        return map;
    }

    private static String host(InetSocketAddress address) {
        return address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
    }

    private static Map<String, Object> sender(Sender sender) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("address", sender.address().toString());
        map.put("declaredSize", sender.declaredSize());
        map.put("body", sender.body().name());
        map.put("smtpUtf8", sender.smtpUtf8());
        map.put("ret", sender.ret());
        map.put("envelopeId", sender.envelopeId());
        return map;
    }

    private static Map<String, Object> recipient(Recipient recipient) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("address", recipient.address().toString());
        map.put("notifyOn", recipient.notifyOn());
        map.put("original", recipient.original());
        return map;
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException when it is none
     */
    @SuppressWarnings("NullAway") // It does not see that the component of the record may be null.
    public static Recorded read(String line) {
        Map<String, @Nullable Object> all = Json.read(line);
        Object body = all.get("body");
        return new Recorded(
                Json.text(all.get("id")),
                facts(Json.object(all.get("facts"))),
                Json.text(all.get("helo")),
                Boolean.TRUE.equals(all.get("extended")),
                Json.text(all.get("tls")),
                Json.text(all.get("user")),
                sender(Json.object(all.get("sender"))),
                Json.list(all.get("recipients")).stream()
                        .map(one -> recipient(Json.object(one)))
                        .toList(),
                Json.text(all.get("head")),
                body == null ? null : Base64.getDecoder().decode(Json.text(body)),
                Json.texts(all.get("dns")),
                Json.texts(all.get("verdicts")));
    }

    private static Pipeline.Facts facts(Map<String, @Nullable Object> map) {
        return new Pipeline.Facts(
                Json.text(map.get("session")),
                Json.text(map.get("listener")),
                Json.text(map.get("profile")),
                address(Json.text(map.get("peer")), Json.number(map.get("peerPort"))),
                address(Json.text(map.get("local")), Json.number(map.get("localPort"))),
                Json.text(map.get("tls")),
                Boolean.TRUE.equals(map.get("trusted")));
    }

    /** An address by its literal; a name is refused, for it would be looked up. */
    static InetSocketAddress address(String literal, long port) {
        if (!literal.matches("[0-9.]+|[0-9a-fA-F.]*:[0-9a-fA-F:.]*(%[A-Za-z0-9]+)?")) {
            throw new IllegalArgumentException("not an IP address: " + literal);
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(literal), (int) port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an IP address: " + literal, e);
        }
    }

    private static Sender sender(Map<String, @Nullable Object> map) {
        return new Sender(
                Address.of(Json.text(map.get("address"))),
                Json.number(map.get("declaredSize")),
                BodyType.valueOf(Json.text(map.get("body"))),
                Boolean.TRUE.equals(map.get("smtpUtf8")),
                Json.text(map.get("ret")),
                Json.text(map.get("envelopeId")));
    }

    private static Recipient recipient(Map<String, @Nullable Object> map) {
        return new Recipient(
                Address.of(Json.text(map.get("address"))),
                Json.text(map.get("notifyOn")),
                Json.text(map.get("original")));
    }

    /**
     * A message from a file with the envelope that it is to be judged in: nothing is recorded of DNS or of verdicts, so a
     * replay asks DNS really and compares with nothing.
     *
     * @param mail the octets of the file; bare line ends become CRLF
     * @param facts the session; its peer is who is judged
     * @param helo what the client is to say
     * @param sender the reverse-path
     * @param recipients the forward-paths
     */
    public static Recorded of(
            byte[] mail, Pipeline.Facts facts, String helo, Sender sender, List<Recipient> recipients) {
        String text = new String(mail, StandardCharsets.ISO_8859_1).replaceAll("\r\n|\r|\n", "\r\n");
        int empty = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n");
        String head = empty < 0 ? text : empty == 0 ? "" : text.substring(0, empty + 2);
        int body = empty < 0 ? text.length() : empty == 0 ? 2 : empty + 4;
        return new Recorded(
                org.posthouse.spool.spi.MessageId.next().toString(),
                facts,
                helo,
                true,
                facts.tls(),
                "",
                sender,
                recipients,
                head,
                text.substring(body).getBytes(StandardCharsets.ISO_8859_1),
                Map.of(),
                Map.of());
    }
}
