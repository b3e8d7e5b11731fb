// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.mailauth.dkim.BodyHashes;
import org.posthouse.mailauth.dkim.SignedFields;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.keys.KeptKey;
import org.posthouse.mailauth.keys.KeyFolder;
import org.posthouse.mailauth.message.MessageReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals mail of strangers that is forwarded, so that the next host can see what was found out about it here (RFC 8617 5.1).
 *
 * <p>Asked when all others have made their edits. Without a seal mail is what it was before there were seals, so a failure lets
 * it go on.
 */
@Hook(
        name = "arc-seal",
        after = {"*", "dkim-sign"},
        needs = {Need.BODY, Need.EDIT_HEADERS},
        timeoutMillis = 20_000,
        onFailure = OnFailure.CONTINUE)
@Component(configurationPid = "arc", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ArcSeal implements QueueHook {
    private static final Logger LOG = LoggerFactory.getLogger(ArcSeal.class);
    private static final Duration SILENCE = Duration.ofMinutes(1);
    private static final String RESULTS = "Authentication-Results";
    private static final String FROM = "From";

    /** What readers see and programs go by, and the signatures so far (RFC 8617 4.1.2). */
    private static final List<String> SIGNED = List.of(
            FROM,
            "Sender",
            "Reply-To",
            "To",
            "Cc",
            "Subject",
            "Date",
            "Message-ID",
            "In-Reply-To",
            "References",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
            "List-Id",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "DKIM-Signature");

    private final String domain;
    private final String selector;
    private final boolean all;
    private final KeyFolder keys;
    private final MeterRegistry meters;
    private final Clock clock;
    private final AtomicLong said = new AtomicLong(Long.MIN_VALUE);

    @Activate
    public ArcSeal(Arc.Config config, @Reference MeterRegistry meters) {
        this(config, meters, Clock.systemUTC());
    }

    ArcSeal(Arc.Config config, MeterRegistry meters, Clock clock) {
        if (config.domain().isEmpty() != config.selector().isEmpty()) {
            throw new IllegalArgumentException("domain, selector: both or none; the key is {domain}.{selector}.pem");
        }
        this.domain = config.domain();
        this.selector = config.selector();
        this.all = config.seals().equals("all");
        this.keys = new KeyFolder(Path.of(config.keys()), 1, clock);
        this.meters = meters;
        this.clock = clock;
    }

    @Override
    public Verdict onQueue(Transaction tx, Message message) throws IOException {
        Optional<Arrived> arrived = domain.isEmpty() ? Optional.empty() : tx.get(Arrived.NOTE);
        Optional<Header> results = message.headers().first(RESULTS);
        boolean wanted = arrived.isPresent() && (all || arrived.get().isForwarded(tx.recipients()));
        if (!wanted || results.isEmpty() || tx.results().all().isEmpty()) {
            return Verdict.next();
        }
        Optional<SigningKey> key = key();
        if (key.isEmpty()) {
            count("no-key");
            return Verdict.next().because("no key to seal with");
        }
        return seal(tx, message, arrived.get().chain().status(), results.get(), key.get());
    }

    private Verdict seal(Transaction tx, Message message, ChainResult.Status status, Header results, SigningKey key)
            throws IOException {
        List<Header> fields;
        BodyHashes bodies = new BodyHashes(List.of(Sealer.BODY));
        List<ArcSet> before;
        int instance;
        try (MessageReader reader = new MessageReader(message.current().open())) {
            fields = reader.fields();
            instance = Chain.highest(fields) + 1;
            if (!continues(fields, status, instance)) {
                count("over");
                return Verdict.next().because("there is no chain to continue");
            }
            before = status == ChainResult.Status.PASS ? Chain.of(fields).sets() : List.of();
            reader.body(bodies);
        } catch (BrokenChain e) {
            count("over");
            return Verdict.next().because("the chain was changed here: " + e.reason());
        }
        bodies.end();
        SignedFields signed = new SignedFields(fields);
        try {
            ArcSet set = new Sealer(key, Sealer.WIDTH)
                    .seal(
                            before,
                            instance,
                            status.word(),
                            ArcSet.value(results).strip(),
                            names(signed),
                            signed,
                            bodies.hash(Sealer.BODY).orElseThrow(),
                            clock.instant());
            add(tx, set);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key can not sign", e);
        }
        count(status == ChainResult.Status.FAIL ? "sealed-broken" : "sealed");
        return Verdict.next().because("sealed as instance " + instance + " with cv=" + status.word());
    }

    /** RFC 8617 5.1: nothing follows a seal that said fail, nor the fiftieth; and the first says none. */
    private static boolean continues(List<Header> fields, ChainResult.Status status, int instance) {
        return instance <= Instances.MOST
                && !Chain.isOver(fields)
                && Chain.isIn(fields) == (status != ChainResult.Status.NONE)
                && (status == ChainResult.Status.NONE) == (instance == 1);
    }

    private static List<String> names(SignedFields signed) {
        List<String> names = new ArrayList<>();
        for (String name : SIGNED) {
            for (int i = 0; i < signed.count(name); i++) {
                names.add(name);
            }
        }
        // Once more than it is there, so that nobody adds another author (RFC 6376 8.15).
        names.add(FROM);
        return names;
    }

    private static void add(Transaction tx, ArcSet set) {
        for (Header field : List.of(set.results(), set.signature(), set.seal())) {
            // A field is octets, the value of an edit is text.
            byte[] octets = ArcSet.value(field).strip().getBytes(StandardCharsets.ISO_8859_1);
            tx.edit(Edit.prependHeader(field.name(), new String(octets, StandardCharsets.UTF_8)));
        }
    }

    private Optional<SigningKey> key() {
        try {
            Optional<KeptKey> kept = keys.of(domain).stream()
                    .filter(key -> key.file().selector().equals(selector))
                    .findFirst();
            if (kept.isEmpty()) {
                complain("there is no " + domain + "." + selector + ".pem in " + keys.path());
            }
            return kept.flatMap(KeptKey::key);
        } catch (IOException e) {
            complain(e.toString());
            return Optional.empty();
        }
    }

    /** Once a minute at most: it is the same for every message. */
    private void complain(String why) {
        long now = clock.millis();
        long last = said.get();
        if (now - SILENCE.toMillis() >= last && said.compareAndSet(last, now)) {
            LOG.warn("Nothing is sealed: {}", why);
        }
    }

    private void count(String outcome) {
        meters.counter("posthouse.arc.seals", "outcome", outcome).increment();
    }
}
