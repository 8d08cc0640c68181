-- A visitor's name is what they say it is: the desk shows it, and marks that nobody vouched for it.
CREATE TRIGGER a_visitor_said_a_name AFTER INSERT ON attributes
BEGIN
    UPDATE conversations SET owner_name = new.name
    WHERE id = new.conversation AND owner >= 'visitor:' AND owner < 'visitor;';
END;

CREATE TRIGGER a_visitor_said_another_name AFTER UPDATE OF name ON attributes
BEGIN
    UPDATE conversations SET owner_name = new.name
    WHERE id = new.conversation AND owner >= 'visitor:' AND owner < 'visitor;';
END;

UPDATE conversations SET owner_name = (SELECT name FROM attributes WHERE conversation = id)
WHERE owner >= 'visitor:' AND owner < 'visitor;';
