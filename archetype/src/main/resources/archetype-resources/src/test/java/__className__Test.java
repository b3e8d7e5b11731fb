package ${package};

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;

final class ${className}Test {
    private final ${className} plugin = new ${className}(Settings.of(${className}.Config.class, "words", new String[] {"Lottery"}));

    private Verdict ask(String... headers) {
        FakeTransaction tx = FakeTransaction.at(Stage.DATA).headers(headers).build();
        return plugin.onMessage(tx, tx.message());
    }

    @Test
    void refusesAListedWordInAnyCase() {
        assertEquals(
                Verdict.reject("5.7.1", "Message refused").because("the subject has lottery"),
                ask("Subject: You won the LOTTERY"));
    }

    @Test
    void hasNoOpinionOfOtherMail() {
        assertEquals(Verdict.next(), ask("Subject: Lunch"));
        assertEquals(Verdict.next(), ask());
    }
}
