// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Header;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets users of a file in, and lets each send only as the addresses that are theirs. */
@Hook(
        name = "auth-file",
        needs = {Need.SECRETS, Need.PEER})
@Component(configurationPid = "auth-file", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = AuthFile.Config.class)
public final class AuthFile implements Authenticator, Authenticator.ScramKeys, MailHook, DataHook {
    private static final Logger LOG = LoggerFactory.getLogger(AuthFile.class);

    /** What the operator says. */
    @ObjectClassDefinition(name = "Users in a file")
    @interface Config {
        @Unit(Unit.Kind.FILE)
        @AttributeDefinition(description = "The file of users; a relative one stands in the data folder.")
        String file() default "users";

        @AttributeDefinition(description = "The fewest characters of a new password.", min = "1")
        int minPassword() default 10;

        @AttributeDefinition(
                description = "The bcrypt cost of passwords set from now on; one more doubles the time of a check.",
                min = "10",
                max = "13")
        int cost() default 11;

        @AttributeDefinition(description = "How many passwords are checked at once; each fills a processor.", min = "1")
        int concurrency() default 2;

        @AttributeDefinition(
                description = "Iterations of SCRAM keys made from now on (RFC 7677 4: at least 4096).",
                min = "4096",
                max = "1000000")
        int scramIterations() default 15_000;

        @AttributeDefinition(description = "Whether users may send with the null sender <>.")
        boolean nullSender() default false;

        @AttributeDefinition(
                description = "As whom users may send who are not in the file and whom another authenticator let in:"
                        + " own (their name when it is an address), any.",
                options = {@Option("own"), @Option("any")})
        String others() default "own";
    }

    private final Accounts accounts;
    private final boolean nullSender;
    private final boolean othersAny;

    /** Made by the component runtime. */
    @Activate
    public AuthFile(Config config) throws IOException {
        this(config, new Accounts(config));
    }

    AuthFile(Config config, Accounts accounts) throws IOException {
        this.accounts = accounts;
        this.nullSender = config.nullSender();
        this.othersAny = config.others().equals("any");
        accounts.prepare();
    }

    @Override
    public Answer authenticate(Session session, Credentials credentials) {
        return switch (credentials) {
            case Credentials.Password password -> accounts.check(password.user(), password.password());
            case Credentials.Bearer bearer -> new Answer.Denied("no tokens here");
        };
    }

    @Override
    public Optional<Keys> scramKeys(String user) {
        return accounts.scramKeys(user);
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        if (!tx.session().authenticated() || (sender.address().isNull() && nullSender)) {
            return Verdict.next();
        }
        String user = tx.session().peer().user();
        // RFC 6409 6.1.
        return judge(user, List.of(sender.address().toString()))
                ? Verdict.next()
                : Verdict.reject(553, "5.7.1", "Sender address not allowed").because("not a sender of " + user);
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        if (!tx.session().authenticated()) {
            return Verdict.next();
        }
        String user = tx.session().peer().user();
        // RFC 5322 3.6: From is required. RFC 6409 8 lets a server add Sender and Date, but nobody may guess who wrote.
        if (message.headers().all("From").isEmpty() && !judge(user, List.of(""))) {
            return Verdict.reject("5.6.0", "From is missing").because("no From");
        }
        List<Header> fields = Stream.of("From", "Sender")
                .flatMap(name -> message.headers().all(name).stream())
                .toList();
        for (Header field : fields) {
            Optional<List<String>> addresses = Mailboxes.of(field.value());
            // Whoever may send as anybody may also send what we can not read.
            if (!judge(user, addresses.orElse(List.of("")))) {
                String why = addresses.isEmpty() ? " is unreadable" : " is not a sender of " + user;
                return Verdict.reject("5.7.1", field.name() + " address not allowed")
                        .because(field.name() + why);
            }
        }
        return Verdict.next();
    }

    /**
     * Whether a user may send as all of these addresses.
     *
     * @throws IllegalStateException when the file can not be read: the hook failed
     */
    private boolean judge(String name, List<String> addresses) {
        Optional<User> user;
        try {
            user = accounts.find(name);
        } catch (IOException e) {
            LOG.warn("The users can not be read: {}", e.toString());
            throw new IllegalStateException("the users can not be read", e);
        }
        if (user.isPresent()) {
            // One who was disabled amid a session sends nothing more.
            return !user.get().disabled() && addresses.stream().allMatch(user.get()::permits);
        }
        return othersAny || addresses.stream().allMatch(a -> User.owns(name.toLowerCase(Locale.ROOT), a));
    }
}
