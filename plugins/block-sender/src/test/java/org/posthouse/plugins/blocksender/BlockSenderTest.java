// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.blocksender;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Sender;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

final class BlockSenderTest {
    private final BlockSender plugin = new BlockSender(config("spam.example", "junk.example"));

    private static BlockSender.Config config(String... domains) {
        return new BlockSender.Config() {
            @Override
            public String[] domains() {
                return domains;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return BlockSender.Config.class;
            }
        };
    }

    private Verdict ask(String sender) {
        Transaction nothing = (Transaction) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Transaction.class}, (proxy, method, args) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
        return plugin.onMail(nothing, Sender.of(Address.of(sender)));
    }

    @Test
    void refusesListedDomain() {
        assertEquals(Verdict.reject("5.7.1", "Sender domain refused"), ask("a@spam.example"));
    }

    @Test
    void refusesListedDomainInAnyCase() {
        assertEquals(Verdict.reject("5.7.1", "Sender domain refused"), ask("a@SPAM.Example"));
    }

    @Test
    void hasNoOpinionOfOthers() {
        assertEquals(Verdict.next(), ask("a@example.org"));
        assertEquals(Verdict.next(), ask("a@sub.spam.example"));
    }

    @Test
    void letsBouncesPass() {
        assertEquals(Verdict.next(), ask(""));
    }
}
