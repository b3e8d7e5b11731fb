// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.iprev;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.service.Dns;

/**
 * Asks at the connection whether a name of the client leads back to its address, and records it with each message.
 *
 * <p>It refuses nobody, so a failure of it refuses nobody either. The budget is what the questions may take, a last one and a
 * margin.
 */
@Hook(
        name = "iprev",
        before = {"early-talker", "dnsbl", "spf"},
        needs = Need.PEER,
        timeoutMillis = 20_000,
        onFailure = OnFailure.CONTINUE)
@Component(configurationPid = "iprev", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Iprev.Config.class)
public final class Iprev implements ConnectHook, MailHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "iprev")
    @interface Config {
        @AttributeDefinition(
                description = "Profiles of listeners whose clients are asked for.",
                options = {@Option("mx"), @Option("relay"), @Option("submission")},
                required = false)
        String[] profiles() default {"mx"};

        @AttributeDefinition(
                description = "Whether clients in the trusted networks of their listener are asked for.",
                required = false)
        boolean checkTrusted() default false;

        @AttributeDefinition(
                description = "How many names of an address are asked for at most.",
                min = "1",
                max = "50",
                required = false)
        int names() default 10;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "5s",
                min = "100ms",
                max = "10s",
                description = "After this no more questions are asked, and the result is temperror.")
        long timeout();

        @AttributeDefinition(description = "Points of clients with a name that leads back.", required = false)
        double scorePass() default 0;

        @AttributeDefinition(description = "Points of clients whose names do not lead back.", required = false)
        double scoreFail() default 0;

        @AttributeDefinition(description = "Points of clients without a name.", required = false)
        double scorePermerror() default 0;

        @AttributeDefinition(description = "Points of clients of whom DNS does not tell.", required = false)
        double scoreTemperror() default 0;
    }

    /** The result, for every later hook of the session. */
    private static final Note<String> RESULT = new Note<>("iprev.result", String.class, Note.Scope.SESSION);

    /** The name that leads back, for every later hook of the session. */
    private static final Note<String> NAME = new Note<>("iprev.name", String.class, Note.Scope.SESSION);

    private final Set<String> profiles;
    private final boolean checkTrusted;
    private final ReverseLookup lookup;
    private final Map<Finding.Result, Double> points = new EnumMap<>(Finding.Result.class);
    private final Map<Finding.Result, Counter> counters = new EnumMap<>(Finding.Result.class);

    @Activate
    public Iprev(Config config, @Reference Dns dns, @Reference MeterRegistry meters) {
        this(config, dns, meters, System::nanoTime);
    }

    Iprev(Config config, Dns dns, MeterRegistry meters, LongSupplier nanos) {
        profiles = Set.copyOf(List.of(config.profiles()));
        checkTrusted = config.checkTrusted();
        lookup = new ReverseLookup(dns, config.names(), Duration.ofMillis(config.timeout()), nanos);
        points.put(Finding.Result.PASS, config.scorePass());
        points.put(Finding.Result.FAIL, config.scoreFail());
        points.put(Finding.Result.PERMERROR, config.scorePermerror());
        points.put(Finding.Result.TEMPERROR, config.scoreTemperror());
        for (Finding.Result result : Finding.Result.values()) {
            counters.put(
                    result,
                    Counter.builder("posthouse.iprev.results")
                            .description("Clients by whether their names lead back to their address")
                            .tag("result", result.word())
                            .register(meters));
        }
    }

    @Override
    public Verdict onConnect(Session session) {
        InetAddress address = session.peer().address().getAddress();
        if (address == null || !profiles.contains(session.profile()) || (session.trusted() && !checkTrusted)) {
            return Verdict.next();
        }
        Finding finding = lookup.of(address);
        session.put(RESULT, finding.result().word());
        if (!finding.name().isEmpty()) {
            session.put(NAME, finding.name());
        }
        Optional.ofNullable(counters.get(finding.result())).ifPresent(Counter::increment);
        return Verdict.next();
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        Session session = tx.session();
        InetAddress address = session.peer().address().getAddress();
        Optional<String> word = session.get(RESULT);
        if (address == null || word.isEmpty()) {
            return Verdict.next();
        }
        String name = session.get(NAME).orElse("").replaceAll("[^ -~]", "?");
        tx.result(new AuthResults.Result("iprev", word.get(), name, List.of("policy.iprev=" + printed(address))));
        Finding.Result result = Finding.Result.valueOf(word.get().toUpperCase(Locale.ROOT));
        double score = points.getOrDefault(result, 0.0);
        if (score != 0) {
            tx.score("IPREV_" + result.name(), score);
        }
        return Verdict.next();
    }

    /** RFC 8601 2.2: colons stand in quotes. */
    private static String printed(InetAddress address) {
        String text = address.getHostAddress();
        return text.indexOf(':') < 0 ? text : '"' + text + '"';
    }
}
