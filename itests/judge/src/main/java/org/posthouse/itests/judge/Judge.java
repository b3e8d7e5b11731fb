// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.judge;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;

/**
 * Refuses the senders {@code odd} and {@code even} by whether the micro number of its version is odd or even, names its
 * version in the refusal, and stamps what it lets through with the versions that were asked at MAIL, RCPT and DATA.
 *
 * <p>A version with the qualifier {@code bad} throws at every third RCPT, one with {@code slow} takes 40 ms for each.
 */
@Hook(
        name = "judge",
        needs = {Need.EDIT_HEADERS})
@Component(configurationPid = "judge", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Judge.Config.class)
public final class Judge implements MailHook, RcptHook, DataHook {
    private static final Note<String> MAIL = new Note<>("judge.mail", String.class, Note.Scope.TRANSACTION);
    private static final Note<String> RCPT = new Note<>("judge.rcpt", String.class, Note.Scope.TRANSACTION);

    private final Version version = FrameworkUtil.getBundle(Judge.class).getVersion();
    private final AtomicLong asked = new AtomicLong();
    private final String word;

    /** How it judges. */
    @ObjectClassDefinition(name = "Judge")
    @interface Config {
        @AttributeDefinition(defaultValue = "", description = "A word for the stamp.", required = false)
        String word() default "";
    }

    @Activate
    public Judge(Config config) {
        word = config.word();
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        tx.put(MAIL, version + word);
        boolean odd = version.getMicro() % 2 == 1;
        return sender.address().local().equals(odd ? "odd" : "even")
                ? Verdict.reject("5.7.1", "refused by " + version)
                : Verdict.next();
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        tx.put(RCPT, version + word);
        switch (version.getQualifier()) {
            case "bad" -> {
                if (asked.incrementAndGet() % 3 == 0) {
                    throw new IllegalStateException("a bad version");
                }
            }
            case "slow" -> LockSupport.parkNanos(40_000_000);
            default -> {}
        }
        return Verdict.next();
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        tx.edit(Edit.addHeader(
                "X-Judged",
                tx.get(MAIL).orElse("nobody") + " " + tx.get(RCPT).orElse("nobody") + " " + version + word));
        return Verdict.next();
    }
}
