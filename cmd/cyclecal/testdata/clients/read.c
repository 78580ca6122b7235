// Prints each event of the feed on stdin as a line of JSON, as libical reads it.
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_all(FILE *in) {
	size_t size = 0, room = 1 << 16;
	char *text = malloc(room);
	while (text != NULL) {
		size += fread(text + size, 1, room - size - 1, in);
		if (size < room - 1)
			break;
		room *= 2;
		text = realloc(text, room);
	}
	if (text == NULL || ferror(in)) {
		fprintf(stderr, "reading the feed failed\n");
		exit(1);
	}
	text[size] = '\0';
	return text;
}

static void print_string(const char *s) {
	putchar('"');
	for (; s != NULL && *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || (unsigned char)*s < ' ')
			printf("\\u%04x", *s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void print_event(icalcomponent *event) {
	struct icaltimetype start = icalcomponent_get_dtstart(event);
	printf("{\"uid\":");
	print_string(icalcomponent_get_uid(event));
	printf(",\"summary\":");
	print_string(icalcomponent_get_summary(event));
	printf(",\"start\":\"%04d-%02d-%02d", start.year, start.month, start.day);
	if (!start.is_date)
		printf("T%02d:%02d:%02d%s", start.hour, start.minute, start.second, icaltime_is_utc(start) ? "Z" : "");
	printf("\",\"sequence\":%d,\"alarms\":%d}\n", icalcomponent_get_sequence(event),
	       icalcomponent_count_components(event, ICAL_VALARM_COMPONENT));
}

int main(void) {
	char *text = read_all(stdin);
	icalcomponent *calendar = icalparser_parse_string(text);
	if (calendar == NULL || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT) {
		fprintf(stderr, "no calendar: %s\n", icalerror_strerror(icalerrno));
		return 1;
	}
	if (icalcomponent_count_errors(calendar) != 0) {
		fprintf(stderr, "%d errors:\n%s", icalcomponent_count_errors(calendar), icalcomponent_as_ical_string(calendar));
		return 1;
	}
	icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	for (; event != NULL; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
		print_event(event);
	icalcomponent_free(calendar);
	free(text);
	return 0;
}
