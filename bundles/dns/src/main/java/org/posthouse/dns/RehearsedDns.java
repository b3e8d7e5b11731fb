// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.net.InetAddress;
import java.util.function.Function;
import java.util.function.Supplier;
import org.posthouse.api.service.Dns;
import org.posthouse.pipeline.spi.HookScope;

/**
 * Answers a hook in a replay by what was recorded, and notes what it is told while transactions are recorded. Questions
 * from a hook's own thread alone are covered; what was not recorded is really asked.
 */
final class RehearsedDns implements Dns {
    private static final String SERVICE = "dns";

    private final Dns real;

    RehearsedDns(Dns real) {
        this.real = real;
    }

    private static <T> Answer<T> answer(
            String question, Supplier<Answer<T>> real, Function<T, String> write, Function<String, T> read) {
        HookScope scope = HookScope.now();
        HookScope.Answers answers = scope == null ? null : scope.answers();
        if (answers != null && answers.of(SERVICE, question) instanceof String recorded) {
            return AnswerText.read(recorded, read);
        }
        Answer<T> answer = real.get();
        HookScope.Noting noting = HookScope.noting();
        if (noting != null) {
            noting.answered(SERVICE, question, AnswerText.write(answer, write));
        }
        return answer;
    }

    @Override
    public Answer<Mx> mx(String domain) {
        return answer("mx " + domain, () -> real.mx(domain), AnswerText::mx, AnswerText::mx);
    }

    @Override
    public Answer<InetAddress> a(String host) {
        return answer("a " + host, () -> real.a(host), AnswerText::address, AnswerText::address);
    }

    @Override
    public Answer<InetAddress> aaaa(String host) {
        return answer("aaaa " + host, () -> real.aaaa(host), AnswerText::address, AnswerText::address);
    }

    @Override
    public Answer<String> txt(String name) {
        return answer("txt " + name, () -> real.txt(name), AnswerText::text, AnswerText::textOf);
    }

    @Override
    public Answer<String> ptr(InetAddress address) {
        String question = "ptr " + address.getHostAddress();
        return answer(question, () -> real.ptr(address), AnswerText::text, AnswerText::textOf);
    }

    @Override
    public Answer<Tlsa> tlsa(String name) {
        return answer("tlsa " + name, () -> real.tlsa(name), AnswerText::tlsa, AnswerText::tlsa);
    }
}
