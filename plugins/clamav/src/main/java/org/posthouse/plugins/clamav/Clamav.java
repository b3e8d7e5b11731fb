// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.clamav;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.api.service.Dns;

/** Asks clamd whether a message carries what it knows, such as a virus. */
@Hook(
        name = "clamav",
        // What was refused by a cheaper question need not be looked through.
        after = {"dkim-verify", "arc", "dmarc"},
        needs = {Need.BODY, Need.EDIT_HEADERS, Need.NETWORK},
        // Archives in archives take clamd a while; the client waits for minutes (RFC 5321 4.5.3.2.6).
        timeoutMillis = 60_000)
@Component(configurationPid = "clamav", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Clamav.Config.class)
public final class Clamav implements DataHook, HealthCheck {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "ClamAV")
    @interface Config {
        @AttributeDefinition(
                description = "Where clamd answers: the path of its socket, or host:port; asked in this order.",
                required = false)
        String[] servers() default {"/run/clamav/clamd.ctl"};

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "25s",
                description = "How long one server may take; all of them together 58s.")
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
        @AttributeDefinition(
                defaultValue = "25MB",
                description = "Larger messages are not asked about; not more than the StreamMaxLength of clamd.")
        long maxSize();

        @AttributeDefinition(
                description = "What happens to a message in which something was found.",
                options = {@Option("reject"), @Option("hold"), @Option("discard"), @Option("tag")},
                required = false)
        String found() default "reject";

        @AttributeDefinition(
                description = "The field that names what was found in a tagged message; such fields of strangers are"
                        + " removed.",
                required = false)
        String header() default "X-Virus";

        @AttributeDefinition(
                description = "Whether mail from the trusted networks of a listener is not asked about.",
                required = false)
        boolean exemptTrusted() default false;
    }

    private static final Duration WHOLE = Duration.ofSeconds(58);

    private final Config config;
    private final Clamds servers;
    private final MeterRegistry meters;

    @Activate
    public Clamav(Config config, @Reference Dns dns, @Reference MeterRegistry meters) {
        this.config = config;
        this.meters = meters;
        if (!config.header().matches("[!-9;-~]{1,76}")) {
            throw new IllegalArgumentException("header: expected the name of a field, not '" + config.header() + "'");
        }
        long rest = TimeUnit.MILLISECONDS.toNanos(config.pause());
        List<Clamd> all = Arrays.stream(config.servers())
                .map(place -> new Clamd(place, dns, rest, System::nanoTime))
                .toList();
        if (all.isEmpty()) {
            throw new IllegalArgumentException("servers: name at least one");
        }
        this.servers = new Clamds(all, Duration.ofMillis(config.timeout()), WHOLE);
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        if (message.headers().first(config.header()).isPresent()) {
            // A stranger's own finding would be believed further on.
            tx.edit(new Edit.RemoveHeader(config.header(), 0));
        }
        if (config.exemptTrusted() && tx.session().trusted()) {
            count("exempt");
            return Verdict.next();
        }
        // What would go out, with what earlier hooks made of it.
        if (message.current().size() > config.maxSize()) {
            count("too-big");
            return Verdict.next().because("larger than maxSize, clamd was not asked");
        }
        Optional<Catch> caught = servers.ask(message.current());
        if (caught.isEmpty()) {
            return unknown();
        }
        count(caught.get().clean() ? "clean" : "found");
        return caught.get().clean() ? Verdict.next() : found(tx, caught.get().name());
    }

    private Verdict unknown() {
        count("no-answer");
        String reason = "clamd gives no answer";
        return config.onError().equals("continue")
                ? Verdict.next().because(reason)
                : Verdict.defer("4.7.1", "Try again later").because(reason);
    }

    private Verdict found(Transaction tx, String name) {
        String reason = "clamd found " + name;
        return switch (config.found()) {
            case "hold" -> Verdict.hold(reason);
            case "discard" -> Verdict.discard().because(reason);
            case "tag" -> {
                tx.edit(Edit.addHeader(config.header(), name));
                yield Verdict.next().because(reason);
            }
            default ->
                Verdict.reject(554, "5.7.1", "Message refused, it carries " + name)
                        .because(reason);
        };
    }

    private void count(String outcome) {
        meters.counter("posthouse.clamav.answers", "outcome", outcome).increment();
    }

    @Override
    public String name() {
        return "clamav";
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
