// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Traces;

/** A pipeline that accepts everything, a candidate that refuses mail from example.com, and a recording of three. */
public final class FakeReplays implements Replays {
    private final List<Recorded> asked = new ArrayList<>();
    private Recording recording = Recording.NONE;

    /** What was judged. */
    synchronized List<Recorded> asked() {
        return List.copyOf(asked);
    }

    @Override
    public synchronized List<Outcome> run(List<Recorded> transactions, @Nullable Candidate candidate)
            throws Plugins.PluginException {
        if (candidate != null && candidate.plugin().equals("broken")) {
            throw new Plugins.PluginException("its class is missing");
        }
        asked.addAll(transactions);
        return transactions.stream().map(one -> judge(one, candidate)).toList();
    }

    private static Outcome judge(Recorded one, @Nullable Candidate candidate) {
        boolean refused = candidate != null && one.sender().domain().equals("example.com");
        Map<String, String> verdicts = new HashMap<>();
        verdicts.put("mail", refused ? "550 5.7.1 Refused" : "250");
        if (!refused) {
            one.recipients().forEach(to -> verdicts.put("rcpt " + to.address(), "accept"));
            verdicts.put("message", "accept");
        }
        Traces.Step step = new Traces.Step(
                Stage.MAIL,
                "",
                "block-sender",
                "block-sender",
                "1.0.0",
                "1@1a2b3c4d",
                "enforce",
                10,
                12,
                refused ? "reject" : "continue",
                "",
                "",
                List.of(),
                Map.of(),
                List.of());
        return new Outcome(one.id(), verdicts.equals(one.verdicts()), verdicts, List.of(step));
    }

    @Override
    public synchronized Recording record(Recording wanted) throws IOException {
        if (!recording.name().isEmpty() && !wanted.name().isEmpty()) {
            throw new IOException("'" + recording.name() + "' is being recorded");
        }
        recording = wanted;
        return recording;
    }

    @Override
    public synchronized Recording recording() {
        return recording;
    }

    @Override
    public List<Recorded> read(String name, int from, int most) throws IOException {
        if (!name.equals("monday")) {
            throw new NoSuchFileException(name);
        }
        return List.of(recorded("M1", "example.org"), recorded("M2", "example.com"), recorded("M3", "example.net"))
                .stream()
                .skip(from)
                .limit(most)
                .toList();
    }

    private static Recorded recorded(String id, String domain) {
        return new Recorded(
                id,
                new Pipeline.Facts(
                        "S",
                        "mx",
                        "mx",
                        new InetSocketAddress("192.0.2.7", 1025),
                        new InetSocketAddress("192.0.2.1", 25),
                        "",
                        false),
                "client.example.org",
                true,
                "",
                "",
                Sender.of(Address.of("a@" + domain)),
                List.of(Recipient.of(Address.of("b@example.net"))),
                "Subject: x\r\n",
                null,
                Map.of(),
                Map.of("mail", "250", "rcpt b@example.net", "accept", "message", "accept"));
    }
}
