// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.trouble;

import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
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

/** Does to the server what the local part of the sender says: sleep, throw, spin, overflow, stop. */
@Hook(name = "trouble", timeoutMillis = 500)
@Component(configurationPid = "trouble", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Trouble.Config.class)
public final class Trouble implements MailHook {
    @ObjectClassDefinition(name = "Trouble")
    @interface Config {
        @AttributeDefinition(defaultValue = "10000", description = "How long a sleeping hook sleeps, in milliseconds.")
        long sleepMillis();
    }

    private final long sleepMillis;

    @Activate
    public Trouble(Config config) {
        sleepMillis = config.sleepMillis();
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        switch (sender.address().local()) {
            case "sleep" -> sleep();
            case "throw" -> throw new IllegalStateException("thrown on demand");
            case "spin" -> spin();
            case "overflow" -> overflow(0);
            case "stop" -> stop();
            default -> {}
        }
        return Verdict.next();
    }

    private void sleep() {
        long end = System.nanoTime() + sleepMillis * 1_000_000;
        while (System.nanoTime() < end) {
            try {
                Thread.sleep(sleepMillis);
            } catch (InterruptedException deaf) {
                // Deaf on purpose: the server must cope with a hook that ignores interrupts.
            }
        }
    }

    private static void spin() {
        while (true) {
            Thread.onSpinWait();
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int overflow(int depth) {
        return overflow(depth + 1) + 1;
    }

    private static void stop() {
        try {
            FrameworkUtil.getBundle(Trouble.class).stop();
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        }
    }
}
