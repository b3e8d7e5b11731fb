// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
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
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.mailauth.dkim.BodyHashes;
import org.posthouse.mailauth.dkim.DkimSignature;
import org.posthouse.mailauth.dkim.SignatureForm;
import org.posthouse.mailauth.dkim.SignedFields;
import org.posthouse.mailauth.dkim.Signer;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.message.MessageReader;

/**
 * Signs mail of our own users and systems, and of the server itself, with the keys of its author's domain (RFC 6376 5).
 *
 * <p>Asked when all others have made their edits. A failure defers: unsigned, the mail of a domain that demands signatures would
 * be refused elsewhere for good.
 */
@Hook(
        name = "dkim-sign",
        after = "*",
        before = "arc-seal",
        needs = {Need.BODY, Need.EDIT_HEADERS},
        timeoutMillis = 20_000)
@Component(configurationPid = "dkim-sign", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = DkimSign.Config.class)
public final class DkimSign implements QueueHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "DKIM signatures")
    @interface Config {
        @Unit(Unit.Kind.FILE)
        @AttributeDefinition(
                description =
                        "The folder of the keys, {domain}.{selector}.pem; a relative one stands in the data folder.",
                required = false)
        String keys() default "dkim";

        @AttributeDefinition(
                description = "Whose mail is signed: of authenticated clients, of trusted ones, of listeners of profile"
                        + " submission, and what the server itself makes (notices).",
                options = {@Option("authenticated"), @Option("trusted"), @Option("submission"), @Option("internal")},
                required = false)
        String[] clients() default {"authenticated", "trusted", "submission", "internal"};

        @AttributeDefinition(
                description =
                        "Listeners all of whose mail is signed, whoever sends it; never one that strangers reach.",
                required = false)
        String[] listeners() default {};

        @AttributeDefinition(
                description = "With what is signed, one signature each where the domain has such a key.",
                options = {@Option("rsa"), @Option("ed25519")},
                required = false)
        String[] algorithms() default {"rsa", "ed25519"};

        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(
                description = "A domain of ours whose keys sign all of this mail as well; empty is none.",
                required = false)
        String alsoSignAs() default "";

        @AttributeDefinition(
                description =
                        "Selectors in the order in which they are preferred; of others the age of the file decides.",
                required = false)
        String[] selectors() default {};

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "1d",
                description = "How old the file of a key must be before it takes over from an older one.",
                required = false)
        long takeOverAfter();

        @AttributeDefinition(
                description = "Fields that are signed, as often as the message has them.",
                required = false)
        String[] fields() default {
            "From",
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
            "List-Help",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "List-Subscribe",
            "List-Post",
            "List-Owner",
            "List-Archive",
            "Feedback-ID"
        };

        @AttributeDefinition(
                description = "Those of the fields that nobody may add later without breaking the signature.",
                required = false)
        String[] oversigned() default {"From", "Reply-To", "To", "Cc", "Subject", "Date"};

        @AttributeDefinition(
                description = "How far white space may change in fields on the way.",
                options = {@Option("relaxed"), @Option("simple")},
                required = false)
        String fieldForm() default "relaxed";

        @AttributeDefinition(
                description = "How far white space may change in the body on the way.",
                options = {@Option("relaxed"), @Option("simple")},
                required = false)
        String bodyForm() default "relaxed";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "0s",
                description = "How long a signature is good; 0s is for ever.",
                required = false)
        long expire();

        @AttributeDefinition(
                description =
                        "What happens to mail of a domain none of whose keys can be read: defer, or send it unsigned.",
                options = {@Option("defer"), @Option("unsigned")},
                required = false)
        String onDamage() default "defer";

        @AttributeDefinition(
                description = "Of how many domains keys are kept in memory.",
                min = "1",
                max = "100000",
                required = false)
        int keptDomains() default 1000;
    }

    private final Clientele clientele;
    private final Keyring keyring;
    private final Signer signer;
    private final Tallies tallies;
    private final boolean unsigned;
    private final Clock clock;

    /** Made by the component runtime. */
    @Activate
    public DkimSign(Config config, @Reference MeterRegistry meters) {
        this(config, meters, Clock.systemUTC());
    }

    DkimSign(Config config, MeterRegistry meters, Clock clock) {
        this.clientele = new Clientele(config);
        this.keyring = Keyring.of(config, clock);
        this.signer = new Signer(form(config));
        this.tallies = new Tallies(meters);
        this.unsigned = config.onDamage().equals("unsigned");
        this.clock = clock;
    }

    static SignatureForm form(Config config) {
        return new SignatureForm(
                Words.form(config.fieldForm()),
                Words.form(config.bodyForm()),
                List.of(config.fields()),
                List.of(config.oversigned()),
                java.time.Duration.ofMillis(config.expire()));
    }

    @Override
    public Verdict onQueue(Transaction tx, Message message) throws IOException {
        if (!clientele.signs(tx.session())) {
            return Verdict.next();
        }
        try {
            Keyring.Choice choice = keyring.choose(message.headers(), tx.sender());
            if (choice.keys().isEmpty()) {
                tallies.unsigned(choice.why());
                return Verdict.next();
            }
            for (String value : signatures(message, choice.keys())) {
                tx.edit(Edit.prependHeader(DkimSignature.NAME, value));
            }
            choice.keys().forEach(tallies::signed);
            return Verdict.next();
        } catch (DamagedKeysException e) {
            tallies.unsigned(Tallies.DAMAGED);
            return unsigned
                    ? Verdict.next()
                    : Verdict.defer("4.3.5", "The message can not be signed now, try again later")
                            .because(String.valueOf(e.getMessage()));
        }
    }

    private List<String> signatures(Message message, List<SigningKey> keys) throws IOException, DamagedKeysException {
        try (MessageReader reader = new MessageReader(message.current().open())) {
            SignedFields fields = new SignedFields(reader.fields());
            BodyHashes bodies = new BodyHashes(List.of(signer.body()));
            reader.body(bodies);
            bodies.end();
            byte[] hash = bodies.hash(signer.body()).orElseThrow();
            List<String> values = new ArrayList<>();
            for (SigningKey key : keys) {
                values.add(signer.sign(fields, hash, key, clock.instant()));
            }
            return values;
        } catch (GeneralSecurityException e) {
            throw new DamagedKeysException("a key does not sign: " + e.getMessage());
        }
    }
}
