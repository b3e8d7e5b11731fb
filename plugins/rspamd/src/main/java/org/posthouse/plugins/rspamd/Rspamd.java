// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.SharedState;

/** Asks rspamd what it thinks of a message, and does what it says. */
@Hook(
        name = "rspamd",
        // What was refused by a cheaper question, or for a virus, needs no opinion.
        after = {"dkim-verify", "arc", "dmarc", "clamav"},
        needs = {Need.BODY, Need.PEER, Need.EDIT_HEADERS, Need.NETWORK},
        // rspamd takes 8 s for a message at most; so three servers can be asked in turn.
        timeoutMillis = 30_000)
@Component(configurationPid = "rspamd", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Rspamd.Config.class)
public final class Rspamd implements DataHook, HealthCheck {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "rspamd")
    @interface Config {
        @AttributeDefinition(
                description = "Where rspamd answers, http://host:port of a normal worker or proxy each; asked in this"
                        + " order.",
                required = false)
        String[] servers() default {"http://127.0.0.1:11333"};

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "9s",
                description = "How long one server may take; all of them together 28s.")
        long timeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "5s",
                description = "How long a server that gave no answer three times in a row is left alone.")
        long pause();

        @AttributeDefinition(
                description = "What happens to a message when no server gives an answer.",
                options = {@Option("defer"), @Option("continue")},
                required = false)
        String onError() default "defer";

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(defaultValue = "20MB", description = "Larger messages are not asked about.")
        long maxSize();

        @AttributeDefinition(
                description = "Whether mail from the trusted networks of a listener is not asked about.",
                required = false)
        boolean exemptTrusted() default true;

        @AttributeDefinition(description = "Whether mail of authenticated users is not asked about.", required = false)
        boolean exemptAuthenticated() default false;

        @AttributeDefinition(
                description = REMEDY + "reject.",
                options = {
                    @Option("reject"),
                    @Option("hold"),
                    @Option("discard"),
                    @Option("defer"),
                    @Option("tag"),
                    @Option("continue")
                },
                required = false)
        String reject() default "reject";

        @AttributeDefinition(
                description = REMEDY + "soft reject.",
                options = {@Option("defer"), @Option("once"), @Option("hold"), @Option("tag"), @Option("continue")},
                required = false)
        String softReject() default "defer";

        @AttributeDefinition(
                description = REMEDY + "greylist; once defers until greylistWait has passed.",
                options = {@Option("once"), @Option("defer"), @Option("hold"), @Option("tag"), @Option("continue")},
                required = false)
        String greylist() default "once";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "5m",
                description = "How long a client and sender wait that are deferred once, within a day.")
        long greylistWait();

        @AttributeDefinition(
                description = REMEDY + "add header.",
                options = {
                    @Option("tag"),
                    @Option("hold"),
                    @Option("reject"),
                    @Option("discard"),
                    @Option("defer"),
                    @Option("continue")
                },
                required = false)
        String addHeader() default "tag";

        @AttributeDefinition(
                description = REMEDY + "rewrite subject.",
                options = {@Option("subject"), @Option("tag"), @Option("hold"), @Option("reject"), @Option("continue")},
                required = false)
        String rewriteSubject() default "subject";

        @AttributeDefinition(
                description = REMEDY + "quarantine.",
                options = {@Option("hold"), @Option("reject"), @Option("discard"), @Option("tag"), @Option("continue")},
                required = false)
        String quarantine() default "hold";

        @AttributeDefinition(
                description = REMEDY + "discard.",
                options = {@Option("discard"), @Option("hold"), @Option("reject"), @Option("tag"), @Option("continue")},
                required = false)
        String discard() default "discard";

        @AttributeDefinition(
                description = "What is done for an action of the operator's own.",
                options = {@Option("continue"), @Option("tag"), @Option("hold"), @Option("reject"), @Option("defer")},
                required = false)
        String other() default "continue";

        @AttributeDefinition(
                description =
                        "The field that a tagged message gets, as Name: value; such fields of strangers are removed.",
                required = false)
        String spamHeader() default "X-Spam: Yes";

        @AttributeDefinition(description = "Whether fields are added and removed as rspamd says.", required = false)
        boolean milterHeaders() default true;

        @AttributeDefinition(description = "Whether a signature of rspamd is put on top.", required = false)
        boolean dkimSignature() default false;

        @AttributeDefinition(
                description = "The score of rspamd is added as RSPAMD to those of the message, within this and its"
                        + " negative; 0 for not at all.",
                min = "0",
                required = false)
        double maxScore() default 20;

        @AttributeDefinition(
                description = "How many symbols log and trace are told, the weightiest first.",
                min = "0",
                max = "50",
                required = false)
        int symbols() default 8;

        @AttributeDefinition(
                description = "The name of this server as rspamd is told it, or nothing.",
                required = false)
        String mtaName() default "";

        @AttributeDefinition(description = "The id of the settings of rspamd that apply, or nothing.", required = false)
        String settingsId() default "";
    }

    private static final String REMEDY = "What is done where rspamd says ";
    private static final Duration WHOLE = Duration.ofSeconds(28);

    private final Servers servers;
    private final Remedies remedies;
    private final Fields fields;
    private final WaitingRoom waiting;
    private final MeterRegistry meters;
    private final Config config;

    @Activate
    public Rspamd(Config config, @Reference Dns dns, @Reference SharedState state, @Reference MeterRegistry meters) {
        this(config, dns, state, meters, Clock.systemUTC());
    }

    Rspamd(Config config, Dns dns, SharedState state, MeterRegistry meters, Clock clock) {
        this.config = config;
        this.meters = meters;
        this.remedies = new Remedies(config);
        this.fields = new Fields(config);
        this.waiting = new WaitingRoom(state, clock, config.greylistWait());
        long rest = TimeUnit.MILLISECONDS.toNanos(config.pause());
        List<Server> all = Arrays.stream(config.servers())
                .map(url -> new Server(url, dns, rest, System::nanoTime))
                .toList();
        if (all.isEmpty()) {
            throw new IllegalArgumentException("servers: name at least one");
        }
        this.servers = new Servers(all, Duration.ofMillis(config.timeout()), WHOLE);
    }

    @Deactivate
    void close() {
        servers.close();
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        if (exempt(tx.session())) {
            count("exempt");
            return Verdict.next();
        }
        if (message.received().size() > config.maxSize()) {
            count("too-big");
            fields.withoutMark(tx, message.headers());
            return Verdict.next().because("larger than maxSize, rspamd was not asked");
        }
        try {
            Envelope envelope = Envelope.of(tx, config.mtaName(), config.settingsId());
            Optional<Judgement> judgement = servers.ask(envelope, message.received());
            return judgement.isPresent() ? judged(tx, message, judgement.get()) : unknown(tx, message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unknown(tx, message);
        }
    }

    private boolean exempt(Session session) {
        return config.exemptTrusted() && session.trusted() || config.exemptAuthenticated() && session.authenticated();
    }

    private Verdict unknown(Transaction tx, Message message) {
        count("no-answer");
        String reason = "rspamd gives no answer";
        if (config.onError().equals("continue")) {
            fields.withoutMark(tx, message.headers());
            return Verdict.next().because(reason);
        }
        return Verdict.defer("4.7.1", "Try again later").because(reason);
    }

    private Verdict judged(Transaction tx, Message message, Judgement judgement) {
        count(remedies.word(judgement));
        if (config.maxScore() > 0 && !judgement.skipped()) {
            tx.score("RSPAMD", Math.clamp(judgement.score(), -config.maxScore(), config.maxScore()));
        }
        Remedy remedy = remedies.of(judgement);
        Verdict verdict = verdict(tx, judgement, remedy);
        if (!(verdict instanceof Verdict.Refusal) && !(verdict instanceof Verdict.Discard)) {
            fields.write(tx, message.headers(), judgement, remedy);
        }
        return verdict;
    }

    private Verdict verdict(Transaction tx, Judgement judgement, Remedy remedy) {
        String reason = judgement.summary(config.symbols());
        String later = FieldText.reply(judgement.reply(), "Try again later");
        return switch (remedy) {
            case CONTINUE, TAG, SUBJECT -> Verdict.next().because(reason);
            case REJECT ->
                Verdict.reject("5.7.1", FieldText.reply(judgement.reply(), "Message refused as unwanted"))
                        .because(reason);
            case DEFER -> {
                // A greylist of rspamd's own counts as the wait that our own would ask for.
                waiting.begin(tx);
                yield Verdict.defer("4.7.1", later).because(reason);
            }
            case ONCE ->
                waiting.waited(tx)
                        ? Verdict.next().because(reason + ", has waited")
                        : Verdict.defer("4.7.1", later).because(reason);
            case HOLD -> Verdict.hold(reason);
            case DISCARD -> Verdict.discard().because(reason);
        };
    }

    private void count(String outcome) {
        meters.counter("posthouse.rspamd.answers", "outcome", outcome).increment();
    }

    @Override
    public String name() {
        return "rspamd";
    }

    @Override
    public Finding check() {
        List<String> silent = servers.silent();
        if (silent.isEmpty()) {
            return Finding.OK;
        }
        String all = silent.size() == servers.count() ? "no server answers: " : "not all servers answer: ";
        return new Finding(Level.WARN, all + String.join(", ", silent));
    }
}
