// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.ClusterReport.Condition;
import org.posthouse.telemetry.spi.ClusterReport.Mail;
import org.posthouse.telemetry.spi.ClusterReport.Member;
import org.posthouse.telemetry.spi.ClusterReport.Report;

/** The tab "Cluster": the members as this node sees them, its lease, and how many copies there are of its mail. */
@Component(
        service = Servlet.class,
        property = {
            ServletConstants.PLUGIN_LABEL + "=" + ClusterPage.LABEL,
            ServletConstants.PLUGIN_TITLE + "=Cluster",
            ServletConstants.PLUGIN_CATEGORY + "=Posthouse",
            ServletConstants.PLUGIN_CSS_REFERENCES + "=/" + QueuePage.LABEL + "/res/posthouse.css"
        })
public final class ClusterPage extends AbstractServlet {
    /** Its place below {@code /system/console/}. */
    static final String LABEL = "cluster";

    private static final long serialVersionUID = 1L;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable ClusterReport source;

    /** Made by the component runtime. */
    public ClusterPage() {}

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\">");
        ClusterReport present = source;
        if (present == null) {
            page.element(
                            "p",
                            "This server is alone: no other node has copies of its mail, and none would take it over.")
                    .raw(
                            "<p class=\"note\">It becomes a member by the section <code>cluster</code> of the configuration"
                                    + " and a restart; where the section is there, the cluster has not started.</p>");
        } else {
            show(present.report(), page);
        }
        response.getWriter().write(page.raw("</div>").toString());
    }

    private static void show(Report report, Html page) {
        if (!report.trouble().isEmpty()) {
            page.raw("<p class=\"flash refused\">").text(report.trouble()).raw("</p>");
        }
        page.raw("<p class=\"note\">")
                .text("As member " + report.self() + " sees it now; another member may see it otherwise.")
                .raw("</p><div class=\"facts\"><table>");
        page.fact("Cluster", report.name());
        fact("Lease", lease(report), !report.leased(), page);
        fact("Heard", heard(report), heard(report.members()) < report.majority(), page);
        page.fact("Copies of a message", "on " + Words.count(report.copies(), "node"));
        page.raw("</table></div>");
        mail(report, page);
        members(report, page);
    }

    private static void fact(String name, String value, boolean bad, Html page) {
        page.raw("<tr>").element("th", name).cell(bad ? "bad" : "good", value).raw("</tr>");
    }

    private static String lease(Report report) {
        if (!report.living()) {
            return "none: the disk of this node is empty, and it asks the others what it must know";
        }
        return report.leased()
                ? "held: what others have too is delivered from here"
                : "none: what others have too is not delivered from here";
    }

    private static String heard(Report report) {
        return heard(report.members()) + " of " + Words.count(report.members().size(), "member")
                + ", this one included; " + report.majority() + " are a majority";
    }

    private static long heard(Iterable<Member> members) {
        long heard = 0;
        for (Member m : members) {
            heard += m.self() || m.condition() == Condition.HEARD ? 1 : 0;
        }
        return heard;
    }

    private static void mail(Report report, Html page) {
        Mail mail = report.mail();
        page.raw("<h3>Messages</h3><div class=\"tiles\">");
        tile("owned", mail.owned(), "owned: delivered from here", page);
        tile(
                mail.shortOf() > 0 ? "short" : "enough",
                mail.shortOf(),
                "of them on fewer than " + Words.count(report.copies(), "node"),
                page);
        tile("kept", mail.kept(), "kept for other members", page);
        tile("ended", mail.ended(), "ended and remembered", page);
        page.raw("</div><p class=\"note\">Since this node started:</p><div class=\"tiles\">");
        tile("taken", mail.takenOver(), "taken over from others", page);
        tile(
                mail.doubted() > 0 ? "doubted" : "enough",
                mail.doubted(),
                "recipients that may have got a message twice",
                page);
        page.raw("</div>");
    }

    private static void tile(String style, long count, String name, Html page) {
        page.raw("<div class=\"tile c-" + style + "\"><b>")
                .text(Words.count(count))
                .raw("</b> ")
                .text(name)
                .raw("</div>");
    }

    private static void members(Report report, Html page) {
        page.raw("<h3>Members</h3><table class=\"rows\">")
                .head(Set.of("Life", "Heard"), "Member", "Address", "Role", "Condition", "Life", "Heard")
                .raw("<tbody>");
        for (Member m : report.members()) {
            page.raw("<tr><th>").text(m.name()).raw("</th>");
            page.cell("address", m.address());
            page.element("td", m.witness() ? "witness" : "mail").raw("<td>");
            page.badge("member-" + style(m), condition(m)).raw("</td>");
            page.cell("number", m.life() == 0 ? "–" : Words.count(m.life()));
            page.cell("number", ago(m)).raw("</tr>");
        }
        page.raw("</tbody></table>");
    }

    private static String style(Member m) {
        return m.condition().name().toLowerCase(Locale.ROOT);
    }

    private static String condition(Member m) {
        if (!m.self()) {
            return style(m);
        }
        return switch (m.condition()) {
            case HEARD -> "has the lease";
            case SETTLING -> "settling in";
            default -> "no lease";
        };
    }

    private static String ago(Member m) {
        if (m.self()) {
            return "this node";
        }
        if (m.ago() < 0) {
            return "never";
        }
        Duration ago = Duration.ofMillis(m.ago());
        return ago.toMinutes() < 2
                ? String.format(Locale.ROOT, "%.1f s ago", m.ago() / 1000.0)
                : Words.span(ago) + " ago";
    }
}
