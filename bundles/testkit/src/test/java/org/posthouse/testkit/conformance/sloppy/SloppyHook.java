// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance.sloppy;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Jobs;

/** Accepts domains that exist; does one thing wrong, as its configuration says. */
@Hook(name = "sloppy", needs = Need.ACCEPT)
@Component(configurationPid = "sloppy", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = SloppyHook.Config.class)
public final class SloppyHook implements RcptHook {
    private final String fault;
    private final Dns dns;
    private int asked;

    /** What is done wrong. */
    @ObjectClassDefinition
    @interface Config {
        @AttributeDefinition(description = "The fault.", required = false)
        String fault() default "none";
    }

    @Activate
    public SloppyHook(Config config, @Reference Dns dns, @Reference Jobs jobs, @Reference MeterRegistry meters) {
        this.fault = config.fault();
        this.dns = dns;
        switch (fault) {
            case "thread" -> Thread.ofPlatform().daemon().start(SloppyHook::work);
            case "meter" -> meters.gauge("sloppy", this, hook -> 1);
            case "job" -> jobs.every("sloppy", Duration.ofMinutes(1), () -> {});
            default -> {}
        }
    }

    private static void work() {
        while (true) {
            LockSupport.parkNanos(1_000_000_000);
        }
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        asked++;
        if (fault.equals("undeclared")) {
            tx.edit(Edit.addHeader("X-Sloppy", "yes"));
        }
        if (fault.equals("moody") && recipient.domain().isEmpty()) {
            return Verdict.defer("4.7.1", "later, " + System.nanoTime());
        }
        Dns.Answer<Dns.Mx> answer = dns.mx(recipient.domain());
        while (fault.equals("stubborn") && answer.status() == Dns.Status.TEMPORARY) {
            boolean ignored = Thread.interrupted();
            answer = dns.mx(recipient.domain());
        }
        if (answer.status() == Dns.Status.TEMPORARY) {
            return fault.equals("open") ? Verdict.accept() : Verdict.defer("4.4.3", "Try again later");
        }
        if (fault.equals("hold")) {
            return Verdict.hold("at RCPT, " + asked);
        }
        return answer.found() ? Verdict.accept() : Verdict.next();
    }
}
