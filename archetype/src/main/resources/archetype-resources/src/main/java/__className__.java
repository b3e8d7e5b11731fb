package ${package};

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Header;
import org.posthouse.api.Message;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;

/** Refuses mail whose subject has a listed word. */
@Hook(name = "${artifactId}")
@Component(configurationPid = "${artifactId}", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ${className}.Config.class)
public final class ${className} implements DataHook {
    /** What the operator lists. */
    @ObjectClassDefinition(name = "${className}")
    @interface Config {
        @AttributeDefinition(description = "Words that no subject may have, in any case.", required = false)
        String[] words() default {};
    }

    private final List<String> words;

    @Activate
    public ${className}(Config config) {
        words = Stream.of(config.words()).map(word -> word.toLowerCase(Locale.ROOT)).toList();
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        String subject = message.headers().first("Subject").map(Header::value).orElse("").toLowerCase(Locale.ROOT);
        return words.stream()
                .filter(subject::contains)
                .findFirst()
                .map(word -> Verdict.reject("5.7.1", "Message refused").because("the subject has " + word))
                .orElse(Verdict.next());
    }
}
