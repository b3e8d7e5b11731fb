// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.defaultheaders;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.QueueHook;

/**
 * Adds Message-ID and Date where a client of ours left them out (RFC 6409 8.2 and 8.3).
 *
 * <p>At the data stage, once per message: at the queue stage each part of a split message would get a Message-ID of its own.
 * Mail that the server makes itself meets the queue stage alone.
 */
@Hook(name = "default-headers", needs = Need.EDIT_HEADERS, onFailure = OnFailure.CONTINUE)
@Component(configurationPid = "default-headers", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = DefaultHeaders.Config.class)
public final class DefaultHeaders implements DataHook, QueueHook {
    // RFC 5322 3.3, with English names whatever the language of the server.
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.US);

    /** What the operator sets. */
    @ObjectClassDefinition(name = "Default headers")
    @interface Config {
        @AttributeDefinition(
                description = "Profiles of listeners whose mail gets the fields.",
                options = {@Option("relay"), @Option("submission"), @Option("mx"), @Option("internal")},
                required = false)
        String[] profiles() default {"relay", "submission"};

        @AttributeDefinition(
                description = "The domain on the right of a Message-ID that is added; empty is the sender's domain.",
                required = false)
        String domain() default "";
    }

    private static final String INTERNAL = "internal";

    private final Set<String> profiles;
    private final String domain;
    private final Clock clock;

    @Activate
    public DefaultHeaders(Config config) {
        this(config, Clock.systemDefaultZone());
    }

    DefaultHeaders(Config config, Clock clock) {
        this.profiles = Set.copyOf(List.of(config.profiles()));
        this.domain = config.domain();
        this.clock = clock;
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        return add(tx, message);
    }

    @Override
    public Verdict onQueue(Transaction tx, Message message) {
        return tx.session().profile().equals(INTERNAL) ? add(tx, message) : Verdict.next();
    }

    private Verdict add(Transaction tx, Message message) {
        if (!profiles.contains(tx.session().profile())) {
            return Verdict.next();
        }
        if (message.headers().first("Message-ID").isEmpty()) {
            tx.edit(Edit.addHeader("Message-ID", "<" + tx.id().toLowerCase(Locale.ROOT) + "@" + right(tx) + ">"));
        }
        if (message.headers().first("Date").isEmpty()) {
            tx.edit(Edit.addHeader("Date", DATE.format(ZonedDateTime.now(clock))));
        }
        return Verdict.next();
    }

    private String right(Transaction tx) {
        if (!domain.isEmpty()) {
            return domain;
        }
        String sender = tx.sender().domain();
        return sender.isEmpty() ? "localhost.invalid" : sender;
    }
}
