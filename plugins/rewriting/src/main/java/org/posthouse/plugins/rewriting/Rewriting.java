// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.QueueHook;

/** Gives senders and recipients the addresses that they should have, in the envelope and in the header fields. */
@Hook(
        name = "rewriting",
        after = "routing",
        before = "*",
        needs = {Need.EDIT_SENDER, Need.EDIT_RECIPIENTS, Need.EDIT_HEADERS})
@Component(configurationPid = "rewriting", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Rewriting.Config.class)
public final class Rewriting implements QueueHook {
    /** What the operator writes. */
    @ObjectClassDefinition(name = "Rewriting")
    @interface Config {
        @AttributeDefinition(
                description = "Mappings ADDRESS -> ADDRESS of senders and recipients, with * for any characters.",
                required = false)
        String[] canonical() default {};

        @Unit(Unit.Kind.FILE)
        @AttributeDefinition(
                defaultValue = "",
                description = "A file of such mappings, one per line, asked behind the list.",
                required = false)
        String canonicalFile();

        @AttributeDefinition(description = "Mappings of senders alone, asked before canonical.", required = false)
        String[] senders() default {};

        @Unit(Unit.Kind.FILE)
        @AttributeDefinition(defaultValue = "", description = "A file of mappings of senders alone.", required = false)
        String sendersFile();

        @AttributeDefinition(description = "Mappings of recipients alone, asked before canonical.", required = false)
        String[] recipients() default {};

        @Unit(Unit.Kind.FILE)
        @AttributeDefinition(
                defaultValue = "",
                description = "A file of mappings of recipients alone.",
                required = false)
        String recipientsFile();

        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(
                description = "Domains that stand for all hosts below them, in senders and in header fields.",
                required = false)
        String[] masquerade() default {};

        @AttributeDefinition(description = "Local parts that keep the name of their host.", required = false)
        String[] masqueradeExcept() default {};

        @AttributeDefinition(description = "Whether the reverse-path is rewritten.", required = false)
        boolean envelopeSender() default true;

        @AttributeDefinition(description = "Whether the recipients of the envelope are rewritten.", required = false)
        boolean envelopeRecipients() default true;

        @AttributeDefinition(
                description = "Whether fields that name senders (From, Sender, Reply-To) are rewritten.",
                required = false)
        boolean headerSenders() default true;

        @AttributeDefinition(
                description = "Whether fields that name recipients (To, Cc, Bcc) are rewritten.",
                required = false)
        boolean headerRecipients() default true;

        @AttributeDefinition(
                description =
                        "Whose header fields are rewritten: ours (trusted and authenticated clients), or all, which breaks"
                                + " the signatures of strangers.",
                options = {@Option("ours"), @Option("all")},
                required = false)
        String headersOf() default "ours";
    }

    private static final String METER = "posthouse.rewritten";

    /** RFC 5322 3.6.2 and 3.6.6, RFC 8098 2.1. */
    private static final Set<String> SENDERS = Set.of(
            "from",
            "sender",
            "reply-to",
            "resent-from",
            "resent-sender",
            "resent-reply-to",
            "errors-to",
            "disposition-notification-to");

    /** RFC 5322 3.6.3 and 3.6.6. */
    private static final Set<String> RECIPIENTS = Set.of("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc");

    /** A reverse-path that a forwarder signed would lead nowhere with another domain. */
    private static final Pattern SIGNED =
            Pattern.compile("\"?SRS[01][=+-].*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final AddressMap canonical;
    private final AddressMap senders;
    private final AddressMap recipients;
    private final Masquerade masquerade;
    private final Config config;
    private final boolean nothing;
    private final MeterRegistry meters;

    @Activate
    public Rewriting(Config config, @Reference MeterRegistry meters) {
        this(config, meters, Clock.systemUTC());
    }

    Rewriting(Config config, MeterRegistry meters, Clock clock) {
        this.canonical = new AddressMap("canonical", config.canonical(), config.canonicalFile(), clock);
        this.senders = new AddressMap("senders", config.senders(), config.sendersFile(), clock);
        this.recipients = new AddressMap("recipients", config.recipients(), config.recipientsFile(), clock);
        this.masquerade = new Masquerade(config.masquerade(), config.masqueradeExcept());
        this.config = config;
        this.nothing = canonical.none() && senders.none() && recipients.none() && masquerade.none();
        this.meters = meters;
    }

    @Override
    public Verdict onQueue(Transaction tx, Message message) {
        if (nothing) {
            return Verdict.next();
        }
        if (config.envelopeSender()) {
            envelopeSender(tx);
        }
        if (config.envelopeRecipients()) {
            envelopeRecipients(tx);
        }
        if ((config.headerSenders() || config.headerRecipients())
                && (config.headersOf().equals("all") || isOurs(tx.session()))) {
            headers(tx, message);
        }
        return Verdict.next();
    }

    private static boolean isOurs(Session session) {
        return session.trusted() || session.authenticated() || session.profile().equals("internal");
    }

    private void envelopeSender(Transaction tx) {
        Address before = tx.sender().address();
        // RFC 5321 4.5.5: the null reverse-path is nobody's address.
        if (!before.domain().isEmpty() && !SIGNED.matcher(before.local()).matches()) {
            Address after = sender(before);
            if (!after.equals(before)) {
                tx.edit(new Edit.ChangeSender(after));
                count("envelope-sender");
            }
        }
    }

    /** All leave before the first comes: what one becomes can be the address that another had. */
    private void envelopeRecipients(Transaction tx) {
        List<Recipient> coming = new ArrayList<>();
        Set<Address> leaving = new LinkedHashSet<>();
        for (Recipient recipient : tx.recipients()) {
            Address before = recipient.address();
            Address after = before.domain().isEmpty() ? before : canonical.of(recipients.of(before));
            if (!after.equals(before)) {
                leaving.add(before);
                coming.add(new Recipient(after, recipient.notifyOn(), recipient.original()));
            }
        }
        leaving.forEach(address -> {
            tx.edit(new Edit.RemoveRecipient(address));
            count("envelope-recipient");
        });
        coming.forEach(recipient -> tx.edit(new Edit.AddRecipient(recipient)));
    }

    private void headers(Transaction tx, Message message) {
        Map<String, Integer> seen = new HashMap<>();
        for (Header field : message.headers().all()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            int occurrence = seen.merge(name, 1, Integer::sum);
            if (config.headerSenders() && SENDERS.contains(name)) {
                change(tx, field, occurrence, this::sender, "header-sender");
            } else if (config.headerRecipients() && RECIPIENTS.contains(name)) {
                change(tx, field, occurrence, this::recipient, "header-recipient");
            }
        }
    }

    private void change(Transaction tx, Header field, int occurrence, UnaryOperator<Address> change, String where) {
        Optional<String> value = FieldText.rewritten(field, change);
        if (value.isPresent()) {
            tx.edit(new Edit.ChangeHeader(field.name(), occurrence, value.get()));
            count(where);
        }
    }

    private Address sender(Address address) {
        return masquerade.of(canonical.of(senders.of(address)));
    }

    private Address recipient(Address address) {
        return masquerade.of(canonical.of(recipients.of(address)));
    }

    private void count(String where) {
        meters.counter(METER, "where", where).increment();
    }
}
