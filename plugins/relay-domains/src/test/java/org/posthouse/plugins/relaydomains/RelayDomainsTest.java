// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.relaydomains;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

final class RelayDomainsTest {
    private static RelayDomains plugin(String[] domains, String... recipients) {
        return new RelayDomains(new RelayDomains.Config() {
            @Override
            public String[] domains() {
                return domains;
            }

            @Override
            public String[] recipients() {
                return recipients;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return RelayDomains.Config.class;
            }
        });
    }

    private static Verdict ask(RelayDomains plugin, String local, String domain) {
        Transaction nothing = (Transaction) Proxy.newProxyInstance(
                RelayDomainsTest.class.getClassLoader(), new Class<?>[] {Transaction.class}, (proxy, method, args) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
        return plugin.onRcpt(nothing, Recipient.of(new Address(local, domain)));
    }

    private final RelayDomains open = plugin(new String[] {"Local.example"});
    private final RelayDomains closed = plugin(new String[] {"local.example"}, "Known@local.example");

    @Test
    void acceptsEveryoneInListedDomains() {
        assertEquals(Verdict.accept(), ask(open, "anyone", "LOCAL.example"));
    }

    @Test
    void hasNoOpinionOfOtherDomains() {
        assertEquals(Verdict.next(), ask(open, "anyone", "foreign.example"));
        assertEquals(Verdict.next(), ask(open, "anyone", "sub.local.example"));
        assertEquals(Verdict.next(), ask(open, "anyone", ""));
    }

    @Test
    void acceptsOnlyListedRecipientsWhereThereIsAList() {
        assertEquals(Verdict.accept(), ask(closed, "known", "local.example"));
        assertEquals(Verdict.reject("5.1.1", "No such recipient here"), ask(closed, "unknown", "local.example"));
    }

    @Test
    void postmasterExistsAlwaysInAnyCase() {
        assertEquals(Verdict.accept(), ask(closed, "PostMaster", "local.example"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a%foreign.example",
                "foreign.example!a",
                "\"a@foreign.example\"",
                "a@foreign.example",
                "@foreign.example:a",
                "\"a\\@foreign.example\"",
                "a\\@foreign.example",
                "a,b",
                "|/bin/sh",
                "\"|/bin/sh\"",
                "/etc/passwd",
                ":include:/etc/passwd",
                "postmaster%foreign.example",
                ""
            })
    void refusesLocalPartsThatNameAnotherHostOrAProgram(String local) {
        Verdict.Reject reject = assertInstanceOf(Verdict.Reject.class, ask(open, local, "local.example"));
        assertEquals("553 5.7.1 Recipient address not accepted", reject.reply().toString());
    }

    @Test
    void quotesThatWereNotNeededMakeNoOtherAddress() {
        assertEquals(Verdict.accept(), ask(closed, "\"known\"", "local.example"));
        assertEquals(Verdict.accept(), ask(closed, "\"postmaster\"", "local.example"));
    }

    @Test
    void refusesAConfigurationThatWouldMatchNothing() {
        assertThrows(IllegalArgumentException.class, () -> plugin(new String[] {"@local.example"}));
        assertThrows(IllegalArgumentException.class, () -> plugin(new String[] {"*.local.example"}));
        assertThrows(IllegalArgumentException.class, () -> plugin(new String[] {"local.example"}, "local.example"));
    }
}
