// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.blocksender;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Sender;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;

/** Refuses mail from the listed sender domains. */
@Hook(name = "block-sender")
@Component(configurationPid = "block-sender", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = BlockSender.Config.class)
public final class BlockSender implements MailHook {
    /** What the operator lists. */
    @ObjectClassDefinition(name = "Block sender")
    @interface Config {
        @AttributeDefinition(description = "Sender domains refused at MAIL FROM.", required = false)
        String[] domains() default {};
    }

    private final Set<String> domains;

    @Activate
    public BlockSender(Config config) {
        domains = Stream.of(config.domains())
                .map(domain -> domain.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        return domains.contains(sender.domain()) ? Verdict.reject("5.7.1", "Sender domain refused") : Verdict.next();
    }
}
